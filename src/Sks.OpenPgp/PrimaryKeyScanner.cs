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
    /// Offset of the first likely primary key packet at or behind <paramref name="from"/>. Where none is found: the input's
    /// length, or the first offset that could still turn out to be one when more bytes follow.
    /// </summary>
    public static int Find(ReadOnlySpan<byte> input, int from, bool isFinal)
    {
        for (int offset = from; offset < input.Length; offset++)
        {
            int found = input[offset..].IndexOfAny(Starts);
            if (found < 0)
                return input.Length;
            offset += found;
            if (IsPrimaryKey(input[offset..], isFinal) || (!isFinal && input.Length - offset < PacketHeader.MaxLength + MinBodyLength))
                return offset;
        }

        return input.Length;
    }

    /// <summary>Whether a primary key packet seems to start here: sane length and version, and another packet behind it.</summary>
    public static bool IsPrimaryKey(ReadOnlySpan<byte> input, bool isFinal)
    {
        if (PacketHeader.TryRead(input, out PacketHeader header, out _) != OperationStatus.Done
            || header.Tag != PacketTag.PublicKey
            || header.BodyLength is < MinBodyLength or > MaxBodyLength
            || input.Length < header.HeaderLength + MinBodyLength)
        {
            return false;
        }

        ReadOnlySpan<byte> body = input[header.HeaderLength..];
        bool knownVersion = body[0] is 2 or 3 or 4 or 6;
        bool knownAlgorithm = body[body[0] < 4 ? 7 : 5] is >= 1 and <= 36;
        if (!knownVersion || !knownAlgorithm)
            return false;

        if (header.TotalLength >= input.Length)
            return !isFinal || header.TotalLength == input.Length;
        OperationStatus status = PacketHeader.TryRead(input[(int)header.TotalLength..], out PacketHeader following, out _);
        return status == OperationStatus.NeedMoreData
            || (status == OperationStatus.Done
                && following.Tag is PacketTag.Signature or PacketTag.UserId or PacketTag.UserAttribute or PacketTag.PublicSubkey
                    or PacketTag.PublicKey);
    }
}
