using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sks.Reconciliation.Messages;

/// <summary>Writes messages of a session, in the form that <see cref="MessageReader"/> reads.</summary>
public static class MessageWriter
{
    private const int MaxElements = (int)((uint.MaxValue - 1 - sizeof(uint)) / FieldElement.Length);

    /// <summary>Writes one message. The parts of elements come behind their header without anything between.</summary>
    /// <returns>How many bytes it took.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More elements than a frame can hold: 252,645,134.</exception>
    public static int Write(IBufferWriter<byte> output, ReconMessage message)
    {
        switch (message)
        {
            case PolynomialRequest request:
                return WriteFrame(
                    output,
                    MessageCode.PolynomialRequest,
                    request.Prefix,
                    request.Count,
                    request.Samples.Count,
                    (numbers, i) => request.Samples[i].Write(numbers));
            case FullRequest request:
                return WriteFrame(
                    output,
                    MessageCode.FullRequest,
                    request.Prefix,
                    null,
                    request.Elements.Count,
                    (numbers, i) => WriteElement(numbers, request.Elements[i]));
            case FullElements all:
                return WriteFrame(
                    output, MessageCode.FullElements, null, null, all.Elements.Count, (numbers, i) => WriteElement(numbers, all.Elements[i]));
            case ElementsHeader header:
                return WriteElementsHeader(output, header.Count);
            case ElementsPart part:
                return WriteNumbers(output, part.Elements.Count, (numbers, i) => WriteElement(numbers, part.Elements[i]));
            case ErrorReport error:
                return WriteError(output, error.Text);
            default:
                return WriteEmpty(output, message);
        }
    }

    private static int WriteFrame(
        IBufferWriter<byte> output, MessageCode code, Prefix? prefix, uint? size, int count, Action<Span<byte>, int> writeNumber)
    {
        int prefixBytes = prefix is { } node ? (node.Length + 7) / 8 : 0;
        int head = 1 + (prefix is null ? 0 : (2 * sizeof(uint)) + prefixBytes) + (size is null ? 0 : sizeof(uint)) + sizeof(uint);
        Span<byte> span = output.GetSpan(sizeof(uint) + head);
        int at = WriteInteger(span, 0, (uint)head + ((uint)count * FieldElement.Length));
        span[at++] = (byte)code;
        if (prefix is { } path)
        {
            at = WriteInteger(span, at, (uint)path.Length);
            at = WriteInteger(span, at, (uint)prefixBytes);
            Span<byte> bits = stackalloc byte[Element.Length];
            path.First.Write(bits);
            bits[..prefixBytes].CopyTo(span[at..]);
            at += prefixBytes;
        }

        if (size is { } elements)
            at = WriteInteger(span, at, elements);
        at = WriteInteger(span, at, (uint)count);
        output.Advance(at);
        return at + WriteNumbers(output, count, writeNumber);
    }

    private static int WriteElementsHeader(IBufferWriter<byte> output, uint count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (uint)MaxElements);
        Span<byte> span = output.GetSpan(1 + (2 * sizeof(uint)));
        int at = WriteInteger(span, 0, 1 + sizeof(uint) + (count * FieldElement.Length));
        span[at++] = (byte)MessageCode.Elements;
        at = WriteInteger(span, at, count);
        output.Advance(at);
        return at;
    }

    private static int WriteError(IBufferWriter<byte> output, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        Span<byte> span = output.GetSpan(1 + (2 * sizeof(uint)) + bytes.Length);
        int at = WriteInteger(span, 0, (uint)(1 + sizeof(uint) + bytes.Length));
        span[at++] = (byte)MessageCode.Error;
        at = WriteInteger(span, at, (uint)bytes.Length);
        bytes.CopyTo(span[at..]);
        output.Advance(at + bytes.Length);
        return at + bytes.Length;
    }

    private static int WriteEmpty(IBufferWriter<byte> output, ReconMessage message)
    {
        Span<byte> span = output.GetSpan(sizeof(uint) + 1);
        int at = WriteInteger(span, 0, 1);
        span[at] = (byte)(message switch
        {
            SyncFail => MessageCode.SyncFail,
            Done => MessageCode.Done,
            Flush => MessageCode.Flush,
            _ => throw new ArgumentException($"{message.GetType().Name} is no message for the wire.", nameof(message)),
        });
        output.Advance(at + 1);
        return at + 1;
    }

    private static int WriteNumbers(IBufferWriter<byte> output, int count, Action<Span<byte>, int> writeNumber)
    {
        for (int i = 0; i < count; i++)
        {
            writeNumber(output.GetSpan(FieldElement.Length), i);
            output.Advance(FieldElement.Length);
        }

        return count * FieldElement.Length;
    }

    private static void WriteElement(Span<byte> number, Element element)
    {
        element.Write(number);
        number[Element.Length] = 0;
    }

    private static int WriteInteger(Span<byte> span, int at, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], value);
        return at + sizeof(uint);
    }
}
