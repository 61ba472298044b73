using System.Buffers;
using System.Buffers.Binary;

namespace Sks.OpenPgp;

/// <summary>A packet header, old or new format.</summary>
/// <param name="Tag">The packet's type.</param>
/// <param name="HeaderLength">Bytes of the header itself, 2 to 6.</param>
/// <param name="BodyLength">Bytes that follow it. A claim of the sender: compare with a limit before trusting it.</param>
public readonly record struct PacketHeader(PacketTag Tag, int HeaderLength, uint BodyLength)
{
    /// <summary>The most bytes a header can take.</summary>
    public const int MaxLength = 6;

    /// <summary>Bytes of header and body together.</summary>
    public long TotalLength => HeaderLength + (long)BodyLength;

    /// <summary>Reads the header at the start of <paramref name="input"/>.</summary>
    /// <remarks>
    /// Indeterminate (old format, length type 3) and partial (new format, 224 to 254) lengths are errors: the framing of
    /// SKS and of every certificate excludes them. Source: RFC 9580 section 4.2; SKS parsePGP.ml.
    /// </remarks>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.NeedMoreData"/> when the header is cut off;
    /// <see cref="OperationStatus.InvalidData"/> with <paramref name="error"/> set.
    /// </returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> input, out PacketHeader header, out ParseErrorCode error)
    {
        header = default;
        error = ParseErrorCode.None;
        if (input.IsEmpty)
            return OperationStatus.NeedMoreData;

        byte first = input[0];
        if ((first & 0x80) == 0)
        {
            error = ParseErrorCode.BadHeader;
            return OperationStatus.InvalidData;
        }

        return (first & 0x40) != 0
            ? TryReadNewFormat((PacketTag)(first & 0x3F), input, out header, out error)
            : TryReadOldFormat((PacketTag)((first >> 2) & 0x0F), first & 3, input, out header, out error);
    }

    private static OperationStatus TryReadOldFormat(
        PacketTag tag, int lengthType, ReadOnlySpan<byte> input, out PacketHeader header, out ParseErrorCode error)
    {
        header = default;
        error = ParseErrorCode.None;
        if (lengthType == 3)
        {
            error = ParseErrorCode.UnsupportedLength;
            return OperationStatus.InvalidData;
        }

        int headerLength = 1 + (1 << lengthType);
        if (input.Length < headerLength)
            return OperationStatus.NeedMoreData;

        uint length = lengthType switch
        {
            0 => input[1],
            1 => BinaryPrimitives.ReadUInt16BigEndian(input[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(input[1..]),
        };
        return Accept(tag, headerLength, length, out header, out error);
    }

    private static OperationStatus TryReadNewFormat(
        PacketTag tag, ReadOnlySpan<byte> input, out PacketHeader header, out ParseErrorCode error)
    {
        header = default;
        error = ParseErrorCode.None;
        if (input.Length < 2)
            return OperationStatus.NeedMoreData;

        byte first = input[1];
        if (first < 192)
            return Accept(tag, 2, first, out header, out error);
        if (first < 224)
        {
            return input.Length < 3
                ? OperationStatus.NeedMoreData
                : Accept(tag, 3, ((uint)(first - 192) << 8) + input[2] + 192, out header, out error);
        }

        if (first < 255)
        {
            error = ParseErrorCode.UnsupportedLength;
            return OperationStatus.InvalidData;
        }

        return input.Length < 6
            ? OperationStatus.NeedMoreData
            : Accept(tag, 6, BinaryPrimitives.ReadUInt32BigEndian(input[2..]), out header, out error);
    }

    private static OperationStatus Accept(
        PacketTag tag, int headerLength, uint bodyLength, out PacketHeader header, out ParseErrorCode error)
    {
        header = new PacketHeader(tag, headerLength, bodyLength);
        error = tag == PacketTag.Reserved ? ParseErrorCode.BadHeader : ParseErrorCode.None;
        return tag == PacketTag.Reserved ? OperationStatus.InvalidData : OperationStatus.Done;
    }
}
