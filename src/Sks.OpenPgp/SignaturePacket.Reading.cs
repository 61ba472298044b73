using System.Buffers.Binary;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <content>How the packet's body is read.</content>
public sealed partial record SignaturePacket
{
    private const int Version3Length = 19;
    private const int Version4HeaderLength = 6;
    private const int Version6HeaderLength = 8;

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

    /// <summary>The key ID that an issuer subpacket names; null for other subpackets and lengths that do not fit.</summary>
    internal static KeyId? ReadIssuerOf(in SubpacketReader subpacket) => subpacket.Type switch
    {
        SubpacketType.Issuer when subpacket.Content.Length == KeyId.Length => KeyId.Read(subpacket.Content),
        SubpacketType.IssuerFingerprint when subpacket.Content.Length == 1 + Fingerprint.Version4Length => KeyId.Read(subpacket.Content[^KeyId.Length..]),
        SubpacketType.IssuerFingerprint when subpacket.Content.Length == 1 + Fingerprint.Version6Length => KeyId.Read(subpacket.Content[1..]),
        _ => null,
    };

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
            Hash = (SignatureHash)body[16],
            Layout = SignatureLayout.OfVersion3(body),
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
            Hash = (SignatureHash)body[3],
            Layout = SignatureLayout.Of(body, headerLength, hashed.Length, unhashed.Length),
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
}
