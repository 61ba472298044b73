using System.Buffers;
using Sks.Reconciliation.Messages;
using Sks.TestSupport;

namespace Sks.Reconciliation.Tests;

/// <summary>Messages as bytes, whole, cut, in pieces and hostile.</summary>
public sealed class MessageTests
{
    private static readonly Element One = new(UInt128.Parse("8EE0D09C7F30B3280E6D819F23FDFD02", System.Globalization.NumberStyles.HexNumber, null));
    private static readonly Element Two = new(7);
    private static readonly IReadOnlyList<FieldElement> Samples = [FieldElement.One, FieldElement.From(-3), FieldElement.From(One)];

    public static TheoryData<string, string> Encodings { get; } = new()
    {
        {
            "polynomial",
            "00000045" + "00" + "00000004" + "00000001" + "80" + "00000096" + "00000003" + "0100000000000000000000000000000000"
            + "1843a530d9851fc9df1f8b87e4101d8f01" + "8ee0d09c7f30b3280e6d819f23fdfd0200"
        },
        { "full", "0000001e" + "01" + "00000000" + "00000000" + "00000001" + "8ee0d09c7f30b3280e6d819f23fdfd0200" },
        { "all", "00000027" + "03" + "00000002" + "8ee0d09c7f30b3280e6d819f23fdfd0200" + "0000000000000000000000000000000700" },
        { "none", "00000005" + "02" + "00000000" },
        { "fail", "0000000104" },
        { "done", "0000000105" },
        { "flush", "0000000106" },
        { "error", "00000009" + "07" + "00000004" + "6f6f7073" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_message_has_the_bytes_of_SKS(string kind, string hex)
    {
        ReconMessage message = Make(kind);

        var output = new ArrayBufferWriter<byte>();
        int written = MessageWriter.Write(output, message);

        Assert.Equal(hex, Convert.ToHexStringLower(output.WrittenSpan));
        Assert.Equal(output.WrittenCount, written);
        AssertSame(message, Assert.Single(ReadAll(new ReadOnlySequence<byte>(Convert.FromHexString(hex)))));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_message_may_come_in_single_bytes(string kind, string hex) =>
        AssertSame(Make(kind), Assert.Single(ReadAll(Segments.Cut(Convert.FromHexString(hex)))));

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_cut_message_leaves_the_reader_where_it_was(string kind, string hex)
    {
        Assert.NotNull(kind);
        byte[] bytes = Convert.FromHexString(hex);
        var messages = new MessageReader(MessageLimits.Default);
        for (int length = 0; length < bytes.Length; length++)
        {
            var reader = new SequenceReader<byte>(Segments.Cut(bytes.AsMemory(0, length)));
            Assert.Equal(OperationStatus.NeedMoreData, messages.TryRead(ref reader, out ReconMessage? none));
            Assert.Null(none);
            Assert.Equal(0, reader.Consumed);
        }

        // The same reader, now with all of it.
        var whole = new SequenceReader<byte>(new ReadOnlySequence<byte>(bytes));
        Assert.Equal(OperationStatus.Done, messages.TryRead(ref whole, out _));
    }

    [Fact]
    public void Elements_come_in_parts_as_they_arrive()
    {
        Element[] elements = [.. Enumerable.Range(1, 10).Select(static i => new Element((UInt128)i))];
        byte[] bytes = Write(new ElementsHeader(10), new ElementsPart(elements), new Flush());
        var messages = new MessageReader(new MessageLimits { PartElements = 4 });

        List<ReconMessage> read = [];
        int consumed = 0;
        for (int length = 0; length <= bytes.Length; length++)
        {
            var reader = new SequenceReader<byte>(Segments.Cut(bytes.AsMemory(consumed, length - consumed)));
            while (messages.TryRead(ref reader, out ReconMessage? message) == OperationStatus.Done)
                read.Add(message!);
            consumed += (int)reader.Consumed;
        }

        Assert.Equal(10u, Assert.IsType<ElementsHeader>(read[0]).Count);
        Assert.Equal(elements, read[1..^1].Cast<ElementsPart>().SelectMany(static part => part.Elements));
        Assert.IsType<Flush>(read[^1]);

        List<ReconMessage> atOnce = ReadAll(new ReadOnlySequence<byte>(bytes), new MessageReader(new MessageLimits { PartElements = 4 }));
        Assert.Equal([4, 4, 2], atOnce[1..^1].Cast<ElementsPart>().Select(static part => part.Elements.Count));
    }

    [Theory]
    [InlineData("0000000504" + "6a756e6b" + "0000000106")]
    [InlineData("00000009" + "02" + "00000000" + "6a756e6b" + "0000000106")]
    [InlineData("0000001a" + "02" + "00000001" + "8ee0d09c7f30b3280e6d819f23fdfd0200" + "6a756e6b" + "0000000106")]
    public void Bytes_behind_a_payload_are_ignored(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.IsType<Flush>(ReadAll(new ReadOnlySequence<byte>(bytes))[^1]);
        Assert.IsType<Flush>(ReadAll(Segments.Cut(bytes))[^1]);
    }

    [Theory]
    [InlineData("00000000", "an empty frame")]
    [InlineData("0000000608000000", "an unknown message")] // asks a database
    [InlineData("0000000609000000", "an unknown message")]
    [InlineData("0000007e0a", "an unknown message")] // settings
    [InlineData("000000010b", "an unknown message")]
    [InlineData("0010000104", "a frame that is too long")] // announced only: nothing of it is there
    [InlineData("ffffffff01", "a frame that is too long")]
    [InlineData("ffffffff00", "a frame that is too long")]
    [InlineData("ffffffff07", "a frame that is too long")]
    [InlineData("ffffffff0200000000", "a frame that is too long")] // 4 GiB behind no elements
    [InlineData("0000000402", "a frame that is too short for what it holds")]
    [InlineData("0000000502ffffffff", "a frame that is too short for what it holds")]
    [InlineData("0000000503ffffffff", "a frame that is too short for what it holds")]
    [InlineData("0000000d010000000000000000ffffffff", "a frame that is too short for what it holds")]
    [InlineData("00000011000000000000000000000000010fffffff", "a frame that is too short for what it holds")]
    [InlineData("0000000507ffffffff", "a frame that is too short for what it holds")]
    [InlineData("0000000400000000", "a frame that is too short for what it holds")]
    [InlineData("000000090100000000ffffffff", "a frame that is too short for what it holds")]
    [InlineData("0000000a010000000200000000ff", "a prefix whose length is wrong")]
    [InlineData("0000000a01ffffffff00000001ff", "a prefix whose length is wrong")]
    [InlineData("0000001a0100000088000000110000000000000000000000000000000000", "a prefix whose length is wrong")] // 136 bits
    [InlineData("0000001603000000018ee0d09c7f30b3280e6d819f23fdfd0201", "a number that stands for no element")]
    [InlineData("0000002200000000000000000000000001000000011b43a530d9851fc9df1f8b87e4101d8f01", "a sample that is not below the prime")]
    public void What_is_no_message_is_a_violation(string hex, string violation)
    {
        var messages = new MessageReader(MessageLimits.Default);
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(Convert.FromHexString(hex)));

        Assert.Equal(OperationStatus.InvalidData, messages.TryRead(ref reader, out ReconMessage? message));

        Assert.Null(message);
        Assert.Equal(violation, messages.Violation);
        Assert.Equal(0, reader.Consumed);
    }

    [Fact]
    public void A_number_within_elements_that_stands_for_none_is_a_violation()
    {
        byte[] bytes = Convert.FromHexString("00000016" + "02" + "00000001" + "8ee0d09c7f30b3280e6d819f23fdfd0201");
        var messages = new MessageReader(MessageLimits.Default);
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(bytes));

        Assert.Equal(OperationStatus.Done, messages.TryRead(ref reader, out _));
        Assert.Equal(OperationStatus.InvalidData, messages.TryRead(ref reader, out _));
        Assert.Equal("a number that stands for no element", messages.Violation);
    }

    [Fact]
    public void Announced_elements_are_not_allocated()
    {
        // 100 MB of elements, of which one has come.
        byte[] bytes = Convert.FromHexString("06553f15" + "02" + "005f5e10" + "8ee0d09c7f30b3280e6d819f23fdfd0200");
        var messages = new MessageReader(MessageLimits.Default);
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(bytes));
        long before = GC.GetAllocatedBytesForCurrentThread();

        messages.TryRead(ref reader, out _);
        messages.TryRead(ref reader, out ReconMessage? part);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000);
        Assert.Equal([One], Assert.IsType<ElementsPart>(part).Elements);
    }

    [Fact]
    public void An_error_is_cut_to_what_can_be_shown()
    {
        byte[] bytes = Write(new ErrorReport(new string('x', 5000)));

        Assert.Equal(ErrorReport.MaxLength, Assert.IsType<ErrorReport>(Assert.Single(ReadAll(new ReadOnlySequence<byte>(bytes)))).Text.Length);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(20260);
        for (int round = 0; round < 20_000 && !Token.IsCancellationRequested; round++)
        {
            byte[] bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = random.Next(3) > 0 ? (byte)0 : (byte)(bytes[i] % 32);
            ReadAll(Segments.Cut(bytes, 1 + random.Next(20)));
        }
    }

    private static ReconMessage Make(string kind) => kind switch
    {
        "polynomial" => new PolynomialRequest(new Prefix((UInt128)8 << 124, 4), 150, Samples),
        "full" => new FullRequest(Prefix.Root, [One]),
        "all" => new FullElements([One, Two]),
        "none" => new ElementsHeader(0),
        "fail" => new SyncFail(),
        "done" => new Done(),
        "flush" => new Flush(),
        _ => new ErrorReport("oops"),
    };

    // Lists have no equality of their own.
    private static void AssertSame(ReconMessage expected, ReconMessage actual) => Assert.Equivalent(expected, actual, strict: true);

    private static byte[] Write(params ReadOnlySpan<ReconMessage> messages)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (ReconMessage message in messages)
            MessageWriter.Write(output, message);
        return output.WrittenSpan.ToArray();
    }

    private static List<ReconMessage> ReadAll(ReadOnlySequence<byte> bytes, MessageReader? messages = null)
    {
        messages ??= new MessageReader(MessageLimits.Default);
        var reader = new SequenceReader<byte>(bytes);
        List<ReconMessage> read = [];
        while (messages.TryRead(ref reader, out ReconMessage? message) == OperationStatus.Done)
            read.Add(message!);
        return read;
    }
}
