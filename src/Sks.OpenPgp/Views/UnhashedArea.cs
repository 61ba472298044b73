namespace Sks.OpenPgp;

/// <summary>Looks at the part of a signature that anybody can write, for what makes readers reject a signature that verifies.</summary>
/// <remarks>
/// Critical subpackets: GnuPG rejects a signature for one that it does not know in either area. Embedded signatures besides the
/// back-signature: GnuPG takes the newest for it, good or not.
/// </remarks>
internal static class UnhashedArea
{
    /// <summary>Whether it holds such a thing.</summary>
    public static bool IsHarmful(SignaturePacket claims, ReadOnlySpan<byte> body)
    {
        int embedded = CountEmbedded(body[claims.Layout.HashedArea]);
        var reader = new SubpacketReader(body[claims.Layout.UnhashedArea]);
        while (reader.MoveNext())
        {
            if (reader.IsCritical || (reader.Type == SubpacketType.EmbeddedSignature && (++embedded > 1 || IsHarmfulEmbedded(reader.Content))))
                return true;
        }

        return false;
    }

    private static int CountEmbedded(ReadOnlySpan<byte> area)
    {
        int count = 0;
        var reader = new SubpacketReader(area);
        while (reader.MoveNext())
            count += reader.Type == SubpacketType.EmbeddedSignature ? 1 : 0;
        return count;
    }

    private static bool IsHarmfulEmbedded(ReadOnlySpan<byte> body)
    {
        if (!SignaturePacket.TryParse(body, out SignaturePacket claims))
            return true;
        var reader = new SubpacketReader(body[claims.Layout.UnhashedArea]);
        while (reader.MoveNext())
        {
            if (reader.IsCritical)
                return true;
        }

        return false;
    }
}
