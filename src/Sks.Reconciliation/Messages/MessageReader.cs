using System.Buffers;
using System.Text;

namespace Sks.Reconciliation.Messages;

/// <summary>Reads messages of a session from a stream of bytes.</summary>
/// <remarks>
/// A frame is a 32-bit big-endian length, a byte that says what it is and a payload; all integers are big-endian, elements and samples 17 bytes
/// little-endian. Bytes behind a payload are ignored, as SKS does. A number that stands for no element, and a sample that is not below the
/// prime, is a violation: no peer that computes correctly sends one. Keeps the place within elements that are delivered in parts, so one
/// reader belongs to one stream.
/// </remarks>
public sealed class MessageReader(MessageLimits limits)
{
    private const int CountBytes = sizeof(uint);
    private const int MinElementsBody = 1 + CountBytes;

    private long _elements;
    private long _surplus;

    /// <summary>What is wrong with the bytes after <see cref="OperationStatus.InvalidData"/>, in words; else null.</summary>
    public string? Violation { get; private set; }

    /// <summary>Reads one message.</summary>
    /// <returns>
    /// Done; NeedMoreData when the message is not complete; InvalidData when it is none, see <see cref="Violation"/>. Except for the first, the
    /// reader stays where it was.
    /// </returns>
    public OperationStatus TryRead(ref SequenceReader<byte> reader, out ReconMessage? message)
    {
        message = null;
        SequenceReader<byte> probe = reader;
        OperationStatus status = _elements > 0 ? ReadPart(ref probe, out message) : ReadFrame(ref probe, out message);
        if (status == OperationStatus.Done)
            reader = probe;
        return status;
    }

    private OperationStatus ReadPart(ref SequenceReader<byte> reader, out ReconMessage? message)
    {
        message = null;
        long count = Math.Min(Math.Min(_elements, limits.PartElements), reader.Remaining / FieldElement.Length);
        if (count == 0)
            return OperationStatus.NeedMoreData;
        if (!TryReadElements(ref reader, (int)count, out Element[] elements))
            return Invalid("a number that stands for no element");

        _elements -= count;
        message = new ElementsPart(elements);
        return OperationStatus.Done;
    }

    private OperationStatus ReadFrame(ref SequenceReader<byte> reader, out ReconMessage? message)
    {
        message = null;
        if (reader.Remaining < _surplus)
            return OperationStatus.NeedMoreData;
        reader.Advance(_surplus);
        if (!TryReadInteger(ref reader, out uint length))
            return OperationStatus.NeedMoreData;
        if (length == 0)
            return Invalid("an empty frame");
        if (!reader.TryPeek(out byte code))
            return OperationStatus.NeedMoreData;

        OperationStatus status;
        if (code == (byte)MessageCode.Elements)
        {
            status = ReadElementsHeader(ref reader, length, out message);
        }
        else
        {
            if (code > (byte)MessageCode.Error)
                return Invalid("an unknown message");
            if (length > limits.MaxFrameBytes)
                return Invalid("a frame that is too long");
            if (reader.Remaining < length)
                return OperationStatus.NeedMoreData;

            var body = new SequenceReader<byte>(reader.UnreadSequence.Slice(1, length - 1));
            status = ReadBody((MessageCode)code, ref body, out message);
            reader.Advance(length);
            if (status == OperationStatus.Done)
                _surplus = 0;
        }

        return status;
    }

    private OperationStatus ReadElementsHeader(ref SequenceReader<byte> reader, uint length, out ReconMessage? message)
    {
        message = null;
        if (length < MinElementsBody)
            return TooShort();
        reader.Advance(1);
        if (!TryReadInteger(ref reader, out uint count))
            return OperationStatus.NeedMoreData;

        long surplus = length - MinElementsBody - ((long)count * FieldElement.Length);
        if (surplus < 0)
            return TooShort();
        if (surplus > limits.MaxFrameBytes)
            return Invalid("a frame that is too long");

        _elements = count;
        _surplus = surplus;
        message = new ElementsHeader(count);
        return OperationStatus.Done;
    }

    private OperationStatus ReadBody(MessageCode code, ref SequenceReader<byte> body, out ReconMessage? message)
    {
        message = null;
        Prefix prefix = default;
        if (code is MessageCode.PolynomialRequest or MessageCode.FullRequest)
        {
            OperationStatus status = ReadPrefix(ref body, out prefix);
            if (status != OperationStatus.Done)
                return status;
        }

        switch (code)
        {
            case MessageCode.PolynomialRequest:
                if (!TryReadInteger(ref body, out uint size) || !TryReadCount(ref body, out int sampleCount))
                    return TooShort();
                if (!TryReadSamples(ref body, sampleCount, out FieldElement[] samples))
                    return Invalid("a sample that is not below the prime");
                message = new PolynomialRequest(prefix, size, samples);
                break;

            case MessageCode.FullRequest or MessageCode.FullElements:
                if (!TryReadCount(ref body, out int count))
                    return TooShort();
                if (!TryReadElements(ref body, count, out Element[] elements))
                    return Invalid("a number that stands for no element");
                message = code == MessageCode.FullRequest ? new FullRequest(prefix, elements) : new FullElements(elements);
                break;

            case MessageCode.Error:
                if (!TryReadInteger(ref body, out uint textLength) || textLength > body.Remaining)
                    return TooShort();
                message = new ErrorReport(Encoding.Latin1.GetString(body.UnreadSequence.Slice(0, Math.Min(textLength, ErrorReport.MaxLength))));
                break;

            case MessageCode.SyncFail:
                message = new SyncFail();
                break;

            case MessageCode.Done:
                message = new Done();
                break;

            default:
                message = new Flush();
                break;
        }

        return OperationStatus.Done;
    }

    private OperationStatus ReadPrefix(ref SequenceReader<byte> body, out Prefix prefix)
    {
        prefix = default;
        if (!TryReadInteger(ref body, out uint bits) || !TryReadInteger(ref body, out uint length) || length > body.Remaining)
            return TooShort();
        if (bits > Prefix.MaxLength || length != (bits + 7) / 8)
            return Invalid("a prefix whose length is wrong");

        Span<byte> bytes = stackalloc byte[Element.Length];
        bytes.Clear();
        body.TryCopyTo(bytes[..(int)length]);
        body.Advance(length);
        prefix = new Prefix(Element.Read(bytes).Value, (int)bits);
        return OperationStatus.Done;
    }

    // A count of 17-byte numbers, all of which are there: nothing is allocated for numbers that only are announced.
    private static bool TryReadCount(ref SequenceReader<byte> body, out int count)
    {
        bool isThere = TryReadInteger(ref body, out uint announced) && announced <= body.Remaining / FieldElement.Length;
        count = isThere ? (int)announced : 0;
        return isThere;
    }

    private static bool TryReadElements(ref SequenceReader<byte> reader, int count, out Element[] elements)
    {
        elements = new Element[count];
        Span<byte> number = stackalloc byte[FieldElement.Length];
        for (int i = 0; i < count; i++)
        {
            reader.TryCopyTo(number);
            reader.Advance(FieldElement.Length);
            if (number[Element.Length] != 0)
                return false;
            elements[i] = Element.Read(number);
        }

        return true;
    }

    private static bool TryReadSamples(ref SequenceReader<byte> reader, int count, out FieldElement[] samples)
    {
        samples = new FieldElement[count];
        Span<byte> number = stackalloc byte[FieldElement.Length];
        for (int i = 0; i < count; i++)
        {
            reader.TryCopyTo(number);
            reader.Advance(FieldElement.Length);
            if (!FieldElement.TryRead(number, out samples[i]))
                return false;
        }

        return true;
    }

    private static bool TryReadInteger(ref SequenceReader<byte> reader, out uint value)
    {
        bool isThere = reader.TryReadBigEndian(out int signed);
        value = (uint)signed;
        return isThere;
    }

    private OperationStatus TooShort() => Invalid("a frame that is too short for what it holds");

    private OperationStatus Invalid(string violation)
    {
        Violation = violation;
        return OperationStatus.InvalidData;
    }
}
