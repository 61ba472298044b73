using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>Finds the next certificate in bytes whose framing is broken.</summary>
internal static class PrimaryKeyScanner
{
    private const int MinBodyLength = 8;
    private const int MaxBodyLength = ushort.MaxValue;

    // Header bytes of tag 6: old format with 1-, 2- and 4-byte length, new format.
    private static readonly SearchValues<byte> Starts = SearchValues.Create([0x98, 0x99, 0x9A, 0xC6]);

    /// <summary>
    /// Offset of the first likely primary key packet in a range of the input. Where none is found: the end of the range, or the
    /// first offset that could still turn out to be one when more bytes follow.
    /// </summary>
    /// <param name="input">The bytes; a packet may go on behind the range, and is looked at there too.</param>
    /// <param name="from">First offset that counts.</param>
    /// <param name="end">First offset that does not count any more.</param>
    /// <param name="isFinal">Whether nothing follows <paramref name="input"/>.</param>
    /// <param name="isFound">Whether there is one at the offset for certain.</param>
    public static int Find(ReadOnlySpan<byte> input, int from, int end, bool isFinal, out bool isFound)
    {
        isFound = false;
        for (int offset = from; offset < end; offset++)
        {
            int start = input[offset..end].IndexOfAny(Starts);
            if (start < 0)
                return end;
            offset += start;
            OperationStatus status = Examine(input[offset..], isFinal);
            isFound = status == OperationStatus.Done;
            if (status != OperationStatus.InvalidData)
                return offset;
        }

        return end;
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
        if (!PacketShape.IsPrimaryKey(body[..(int)header.BodyLength]))
            return OperationStatus.InvalidData;

        status = PacketHeader.TryRead(body[(int)header.BodyLength..], out PacketHeader following, out _);
        if (status == OperationStatus.NeedMoreData)
            return isFinal ? OperationStatus.Done : OperationStatus.NeedMoreData;
        return status == OperationStatus.Done && MayFollow(following.Tag) ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    private static bool MayFollow(PacketTag tag) => tag
        is PacketTag.Signature or PacketTag.UserId or PacketTag.UserAttribute or PacketTag.PublicSubkey
        or PacketTag.PublicKey or PacketTag.SecretKey;
}
