using System.Buffers;
using System.Buffers.Binary;

namespace Sks.OpenPgp;

/// <summary>Finds the next certificate in bytes whose framing is broken.</summary>
internal static class PrimaryKeyScanner
{
    private const int MinBodyLength = 8;
    private const int MaxBodyLength = ushort.MaxValue;

    // Header bytes of tag 6: old format with 1-, 2- and 4-byte length, new format.
    private static readonly SearchValues<byte> Starts = SearchValues.Create([0x98, 0x99, 0x9A, 0xC6]);

    /// <summary>
    /// Offset of the first likely primary key packet at or behind <paramref name="from"/>. Where none is found: the input's
    /// length, or the first offset that could still turn out to be one when more bytes follow.
    /// </summary>
    /// <param name="isFound">Whether there is one at the offset for certain.</param>
    public static int Find(ReadOnlySpan<byte> input, int from, bool isFinal, out bool isFound)
    {
        isFound = false;
        for (int offset = from; offset < input.Length; offset++)
        {
            int start = input[offset..].IndexOfAny(Starts);
            if (start < 0)
                return input.Length;
            offset += start;
            OperationStatus status = Examine(input[offset..], isFinal);
            isFound = status == OperationStatus.Done;
            if (status != OperationStatus.InvalidData)
                return offset;
        }

        return input.Length;
    }

    /// <summary>
    /// Whether a primary key packet seems to start here: a known version, material that fits its algorithm to the byte, and
    /// another packet behind it. So strict because bytes inside a broken certificate must not pass for a new one, and because
    /// the answer must not depend on how much has arrived.
    /// </summary>
    private static OperationStatus Examine(ReadOnlySpan<byte> input, bool isFinal)
    {
        OperationStatus needMore = isFinal ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        OperationStatus status = PacketHeader.TryRead(input, out PacketHeader header, out _);
        if (status == OperationStatus.NeedMoreData)
            return needMore;
        if (status != OperationStatus.Done
            || header.Tag != PacketTag.PublicKey
            || header.BodyLength is < MinBodyLength or > MaxBodyLength)
        {
            return OperationStatus.InvalidData;
        }

        ReadOnlySpan<byte> body = input[header.HeaderLength..];
        if (!body.IsEmpty && body[0] is not (2 or 3 or 4 or 6))
            return OperationStatus.InvalidData;
        if (body.Length < header.BodyLength)
            return needMore;
        if (!FitsAlgorithm(body[..(int)header.BodyLength]))
            return OperationStatus.InvalidData;

        status = PacketHeader.TryRead(body[(int)header.BodyLength..], out PacketHeader following, out _);
        if (status == OperationStatus.NeedMoreData)
            return isFinal ? OperationStatus.Done : OperationStatus.NeedMoreData;
        return status == OperationStatus.Done && MayFollow(following.Tag) ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    private static bool MayFollow(PacketTag tag) => tag
        is PacketTag.Signature or PacketTag.UserId or PacketTag.UserAttribute or PacketTag.PublicSubkey
        or PacketTag.PublicKey or PacketTag.SecretKey;

    private static bool FitsAlgorithm(ReadOnlySpan<byte> body)
    {
        byte version = body[0];
        int headerLength = version switch { 4 => 6, 6 => 10, _ => 8 };
        if (body.Length < headerLength)
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
                int point = 1 + (material.IsEmpty ? 0 : material[0]);
                return material.Length > point && HoldsIntegers(material[point..], 1);
            case PublicKeyAlgorithm.Ed25519:
                return material.Length == 32;
            case PublicKeyAlgorithm.Ed448:
                return material.Length == 57;
            default:
                return false;
        }
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
