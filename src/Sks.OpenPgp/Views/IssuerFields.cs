namespace Sks.OpenPgp;

/// <summary>Looks at every issuer that a signature names, in both areas.</summary>
internal static class IssuerFields
{
    /// <summary>Whether one of them is this key.</summary>
    public static bool Name(SignaturePacket claims, ReadOnlySpan<byte> body, KeyId keyId)
    {
        if (claims.Version < 4)
            return claims.Issuer == keyId;
        return Any(body[claims.Layout.HashedArea], keyId, isSame: true) || Any(body[claims.Layout.UnhashedArea], keyId, isSame: true);
    }

    /// <summary>Whether one of them is another key than this.</summary>
    public static bool NameOther(SignaturePacket claims, ReadOnlySpan<byte> body, KeyId keyId)
    {
        if (claims.Version < 4)
            return claims.Issuer != keyId;
        return Any(body[claims.Layout.HashedArea], keyId, isSame: false) || Any(body[claims.Layout.UnhashedArea], keyId, isSame: false);
    }

    private static bool Any(ReadOnlySpan<byte> area, KeyId keyId, bool isSame)
    {
        var reader = new SubpacketReader(area);
        while (reader.MoveNext())
        {
            if (SignaturePacket.ReadIssuerOf(reader) is { } issuer && issuer == keyId == isSame)
                return true;
        }

        return false;
    }
}
