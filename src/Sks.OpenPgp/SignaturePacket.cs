using System.Buffers.Binary;

namespace Sks.OpenPgp;

/// <summary>What a signature packet claims, as far as indexes and routing need it. Nothing here is verified.</summary>
/// <remarks>Versions 2 to 4 and 6. Source: RFC 9580 sections 5.2.2 and 5.2.3.</remarks>
public sealed record SignaturePacket
{
    private const int Version3Length = 19;
    private const int Version4HeaderLength = 6;
    private const int Version6HeaderLength = 8;

    /// <summary>2, 3, 4 or 6.</summary>
    public required byte Version { get; init; }

    /// <summary>What it says.</summary>
    public required SignatureType Type { get; init; }

    /// <summary>Algorithm of the signer's key.</summary>
    public required PublicKeyAlgorithm Algorithm { get; init; }

    /// <summary>Seconds since 1970 UTC; null when a version 4 or 6 signature does not say.</summary>
    public uint? CreationTime { get; private set; }

    /// <summary>Seconds after creation when the signature expires; null or 0 for never.</summary>
    public uint? ExpiresAfter { get; private set; }

    /// <summary>Seconds after the key's creation when the key expires; null when not stated, 0 for never.</summary>
    public uint? KeyExpiresAfter { get; private set; }

    /// <summary>Key ID of the signer, from either area: it proves itself by the signature.</summary>
    public KeyId? Issuer { get; private set; }

    /// <summary>Whether the hashed area marks the user ID as primary.</summary>
    public bool IsPrimaryUserId { get; private set; }

    /// <summary>Whether the signature may be passed on.</summary>
    public bool IsExportable { get; private set; } = true;

    /// <summary>Whether it is a certification of a user ID or attribute (0x10 to 0x13).</summary>
    public bool IsCertification => Type is >= SignatureType.GenericCertification and <= SignatureType.PositiveCertification;

    /// <summary>Whether it revokes a key, a subkey or a certification.</summary>
    public bool IsRevocation =>
        Type is SignatureType.KeyRevocation or SignatureType.SubkeyRevocation or SignatureType.CertificationRevocation;

    /// <summary>Reads the body of a packet of tag 2; false when its version is unknown or its fields do not fit.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out SignaturePacket signature)
    {
        signature = null!;
        SignaturePacket? parsed = body.IsEmpty ? null : body[0] switch
        {
            2 or 3 => ParseVersion3(body),
            4 => ParseVersion4(body, Version4HeaderLength),
            6 => ParseVersion4(body, Version6HeaderLength),
            _ => null,
        };
        if (parsed is null)
            return false;
        signature = parsed;
        return true;
    }

    private static SignaturePacket? ParseVersion3(ReadOnlySpan<byte> body)
    {
        // version, 5, type, time (4), key ID (8), algorithms (2), hash tag (2), then the integers
        if (body.Length < Version3Length || body[1] != 5)
            return null;
        return new SignaturePacket
        {
            Version = body[0],
            Type = (SignatureType)body[2],
            CreationTime = BinaryPrimitives.ReadUInt32BigEndian(body[3..]),
            Issuer = KeyId.Read(body[7..]),
            Algorithm = (PublicKeyAlgorithm)body[15],
        };
    }

    private static SignaturePacket? ParseVersion4(ReadOnlySpan<byte> body, int headerLength)
    {
        // version, type, algorithms (2), then two areas with lengths of 2 bytes in version 4 and 4 bytes in version 6
        int lengthOfLength = headerLength - 4;
        if (!TrySliceArea(body, 4, lengthOfLength, out ReadOnlySpan<byte> hashed)
            || !TrySliceArea(body, headerLength + hashed.Length, lengthOfLength, out ReadOnlySpan<byte> unhashed))
        {
            return null;
        }

        var signature = new SignaturePacket
        {
            Version = body[0],
            Type = (SignatureType)body[1],
            Algorithm = (PublicKeyAlgorithm)body[2],
        };
        var reader = new SubpacketReader(hashed);
        while (reader.MoveNext())
        {
            signature.ReadHashed(reader);
            signature.ReadIssuer(reader);
        }

        if (reader.IsMalformed)
            return null;

        reader = new SubpacketReader(unhashed);
        while (reader.MoveNext())
            signature.ReadIssuer(reader);
        return reader.IsMalformed ? null : signature;
    }

    private static bool TrySliceArea(ReadOnlySpan<byte> body, int offset, int lengthOfLength, out ReadOnlySpan<byte> area)
    {
        area = default;
        if (body.Length < offset + lengthOfLength)
            return false;
        uint length = lengthOfLength == 2
            ? BinaryPrimitives.ReadUInt16BigEndian(body[offset..])
            : BinaryPrimitives.ReadUInt32BigEndian(body[offset..]);
        int start = offset + lengthOfLength;
        if (length > (uint)(body.Length - start))
            return false;
        area = body.Slice(start, (int)length);
        return true;
    }

    private void ReadHashed(in SubpacketReader subpacket)
    {
        ReadOnlySpan<byte> content = subpacket.Content;
        switch (subpacket.Type)
        {
            case SubpacketType.CreationTime when content.Length == 4:
                CreationTime = BinaryPrimitives.ReadUInt32BigEndian(content);
                break;
            case SubpacketType.SignatureExpiration when content.Length == 4:
                ExpiresAfter = BinaryPrimitives.ReadUInt32BigEndian(content);
                break;
            case SubpacketType.KeyExpiration when content.Length == 4:
                KeyExpiresAfter = BinaryPrimitives.ReadUInt32BigEndian(content);
                break;
            case SubpacketType.Exportable when content.Length == 1:
                IsExportable = content[0] != 0;
                break;
            case SubpacketType.PrimaryUserId when content.Length == 1:
                IsPrimaryUserId = content[0] != 0;
                break;
        }
    }

    // The first statement counts, so that the hashed area has the say.
    private void ReadIssuer(in SubpacketReader subpacket)
    {
        ReadOnlySpan<byte> content = subpacket.Content;
        Issuer ??= subpacket.Type switch
        {
            SubpacketType.Issuer when content.Length == KeyId.Length => KeyId.Read(content),
            SubpacketType.IssuerFingerprint when content.Length == 1 + Fingerprint.Version4Length => KeyId.Read(content[^KeyId.Length..]),
            SubpacketType.IssuerFingerprint when content.Length == 1 + Fingerprint.Version6Length => KeyId.Read(content[1..]),
            _ => null,
        };
    }
}
