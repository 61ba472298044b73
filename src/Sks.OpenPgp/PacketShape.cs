using System.Buffers.Binary;

namespace Sks.OpenPgp;

/// <summary>
/// Whether bodies fill their length to the byte, as those of known algorithms must. Tells packets that were cut right from bytes
/// that only look like some; nothing is refused for it where framing is sound.
/// </summary>
internal static class PacketShape
{
    /// <summary>Whether this is the body of a primary key of a known algorithm, whole and with nothing behind it.</summary>
    public static bool IsPrimaryKey(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return false;
        byte version = body[0];
        int headerLength = version switch { 4 => 6, 6 => 10, 2 or 3 => 8, _ => int.MaxValue };
        if (body.Length <= headerLength)
            return false;

        ReadOnlySpan<byte> material = body[headerLength..];
        if (version == 6)
            return BinaryPrimitives.ReadUInt32BigEndian(body[6..]) == (uint)material.Length;

        switch ((PublicKeyAlgorithm)body[version < 4 ? 7 : 5])
        {
            case PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly or PublicKeyAlgorithm.RsaSignOnly:
                return HoldsIntegers(material, 2);
            case PublicKeyAlgorithm.ElGamal or PublicKeyAlgorithm.ElGamalSign:
                return HoldsIntegers(material, 3);
            case PublicKeyAlgorithm.Dsa:
                return HoldsIntegers(material, 4);
            case PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy:
                int point = 1 + material[0];
                return material.Length > point && HoldsIntegers(material[point..], 1);
            case PublicKeyAlgorithm.Ed25519:
                return material.Length == 32;
            case PublicKeyAlgorithm.Ed448:
                return material.Length == 57;
            default:
                return false;
        }
    }

    /// <summary>Whether this is the body of a signature of a known algorithm, whole and with nothing behind it.</summary>
    public static bool IsSignature(ReadOnlySpan<byte> body)
    {
        if (body.Length < 4)
            return false;
        return body[0] switch
        {
            2 or 3 => body.Length > 19 && HoldsSignature((PublicKeyAlgorithm)body[15], body[19..]),
            4 => TrySkipAreas(ref body, out PublicKeyAlgorithm algorithm) && HoldsSignature(algorithm, body),
            6 => TrySkipAreas(ref body, out PublicKeyAlgorithm algorithm) && TrySkipSalt(ref body) && HoldsSignature(algorithm, body),
            _ => false,
        };
    }

    private static bool HoldsSignature(PublicKeyAlgorithm algorithm, ReadOnlySpan<byte> material) => algorithm switch
    {
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly => HoldsIntegers(material, 1),
        PublicKeyAlgorithm.Dsa or PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy or PublicKeyAlgorithm.ElGamalSign =>
            HoldsIntegers(material, 2),
        PublicKeyAlgorithm.Ed25519 => material.Length == 64,
        PublicKeyAlgorithm.Ed448 => material.Length == 114,
        PublicKeyAlgorithm.MlDsa65Ed25519 => material.Length == 64 + 3309,
        PublicKeyAlgorithm.MlDsa87Ed448 => material.Length == 114 + 4627,
        PublicKeyAlgorithm.SlhDsaShake128s => material.Length == 7856,
        PublicKeyAlgorithm.SlhDsaShake128f => material.Length == 17_088,
        PublicKeyAlgorithm.SlhDsaShake256s => material.Length == 29_792,
        _ => false,
    };

    // Both subpacket areas and the two bytes of the hash behind them.
    private static bool TrySkipAreas(ref ReadOnlySpan<byte> body, out PublicKeyAlgorithm algorithm)
    {
        algorithm = (PublicKeyAlgorithm)body[2];
        int lengthOfLength = body[0] == 4 ? 2 : 4;
        body = body[4..];
        return TrySkipArea(ref body, lengthOfLength) && TrySkipArea(ref body, lengthOfLength) && TrySkip(ref body, 2);
    }

    private static bool TrySkipArea(ref ReadOnlySpan<byte> rest, int lengthOfLength)
    {
        if (rest.Length < lengthOfLength)
            return false;
        uint length = lengthOfLength == 2 ? BinaryPrimitives.ReadUInt16BigEndian(rest) : BinaryPrimitives.ReadUInt32BigEndian(rest);
        return TrySkip(ref rest, lengthOfLength + (long)length);
    }

    private static bool TrySkipSalt(ref ReadOnlySpan<byte> rest) => !rest.IsEmpty && TrySkip(ref rest, 1 + rest[0]);

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, long length)
    {
        if (rest.Length < length)
            return false;
        rest = rest[(int)length..];
        return true;
    }

    private static bool HoldsIntegers(ReadOnlySpan<byte> material, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!MultiprecisionInteger.TryRead(ref material, out ReadOnlySpan<byte> value) || value.IsEmpty)
                return false;
        }

        return material.IsEmpty;
    }
}
