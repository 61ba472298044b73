namespace Sks.OpenPgp;

/// <summary>A key that the owner of a certificate allows to revoke it.</summary>
/// <remarks>Source: RFC 9580 section 5.2.3.23: a class byte, an algorithm byte, a fingerprint.</remarks>
/// <param name="Fingerprint">The revoker's primary key.</param>
public readonly record struct DesignatedRevoker(Fingerprint Fingerprint)
{
    /// <summary>Bit of the class that asks not to publish the fact.</summary>
    internal const byte Sensitive = 0x40;

    private const byte AlwaysSet = 0x80;
    private const int FingerprintOffset = 2;

    /// <summary>The revoker's key ID.</summary>
    public KeyId KeyId => KeyId.Read(Fingerprint.Length == Fingerprint.Version6Length ? Fingerprint.Span : Fingerprint.Span[^KeyId.Length..]);

    /// <summary>All that a signature names in its hashed area.</summary>
    internal static List<DesignatedRevoker> ReadAll(SignaturePacket claims, ReadOnlySpan<byte> body)
    {
        List<DesignatedRevoker> revokers = [];
        var reader = new SubpacketReader(body[claims.Layout.HashedArea]);
        while (reader.MoveNext())
        {
            if (TryRead(reader, out DesignatedRevoker revoker))
                revokers.Add(revoker);
        }

        return revokers;
    }

    private static bool TryRead(in SubpacketReader subpacket, out DesignatedRevoker revoker)
    {
        revoker = default;
        ReadOnlySpan<byte> content = subpacket.Content;
        if (subpacket.Type != SubpacketType.RevocationKey
            || content.Length is not (FingerprintOffset + Fingerprint.Version4Length or FingerprintOffset + Fingerprint.Version6Length)
            || (content[0] & AlwaysSet) == 0
            || !Fingerprint.TryCreate(content[FingerprintOffset..], out Fingerprint fingerprint))
        {
            return false;
        }

        revoker = new DesignatedRevoker(fingerprint);
        return true;
    }
}
