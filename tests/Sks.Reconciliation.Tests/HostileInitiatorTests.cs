using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>A responder whose other side does what it may not.</summary>
public sealed class HostileInitiatorTests
{
    private const int Log2Cells = 12;
    private const int Cells = 1 << Log2Cells;

    private readonly SomeDigests _set = new(SomeDigests.Create(new Random(1), 20_000));
    private readonly SketchImage _image;

    public HostileInitiatorTests() => _image = _set.Freeze(SomeDigests.Key, Log2Cells);

    [Fact]
    public void Everything_that_can_be_asked_for_is_sent_once_and_is_bounded()
    {
        ExchangeResponder responder = Respond();
        long cells = 0;
        responder.Receive(new CellCredit(0, Cells));
        cells += TakeAll(responder).OfType<SketchCells>().Sum(static message => message.Data.Length / 16);
        Assert.Equal(Cells, cells);

        responder.Receive(new ExchangeVerdict(VerdictKind.NeedBuckets, 0, 0, 0, 0));
        Assert.Single(TakeAll(responder));

        long before = GC.GetAllocatedBytesForCurrentThread();
        long prefixes = 0;
        for (uint bucket = 0; bucket < CodedSketch.Buckets; bucket++)
        {
            responder.Receive(new BucketRequest([bucket], AsLists: false));
            responder.Receive(new CellCredit(bucket + 1, 100));
            responder.Receive(new CellCredit(bucket + 1, 128));
            responder.Receive(new BucketRequest([bucket], AsLists: true));
            prefixes += TakeAll(responder).OfType<BucketPrefixes>().Sum(static message => message.Prefixes.Length / 8);
        }

        Assert.False(responder.IsEnded);
        Assert.Equal(20_000, prefixes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Fact]
    public void Asking_for_anything_again_is_a_violation()
    {
        AssertViolated(Respond(), new CellCredit(0, 1000), new CellCredit(0, 1000));
        AssertViolated(Respond(), new CellCredit(0, 1000), new CellCredit(0, 999));
        AssertViolated(InBuckets(), new ExchangeVerdict(VerdictKind.NeedBuckets, 0, 0, 0, 0));
        AssertViolated(InBuckets(), new BucketRequest([1], true), new BucketRequest([1], true));
        AssertViolated(InBuckets(), new BucketRequest([1, 2, 1], true));
        AssertViolated(InBuckets(), new BucketRequest([1], false), new BucketRequest([1], false));
        AssertViolated(InBuckets(), new BucketRequest([1], false), new CellCredit(2, 0), new BucketRequest([1], false));
        AssertViolated(InBuckets(), new BucketRequest([1], false), new CellCredit(2, 0), new CellCredit(2, 0));
        AssertViolated(InBuckets(), new BucketRequest([1], false), new CellCredit(2, 60), new CellCredit(2, 60));
    }

    [Fact]
    public void Huge_numbers_are_a_violation_before_anything_is_made_of_them()
    {
        AssertViolated(Respond(), new CellCredit(0, Cells + 1));
        AssertViolated(Respond(), new CellCredit(0, uint.MaxValue));
        AssertViolated(Respond(), new CellCredit(0, 0));
        AssertViolated(InBuckets(), new BucketRequest([4096], true));
        AssertViolated(InBuckets(), new BucketRequest([uint.MaxValue], false));
        AssertViolated(InBuckets(), new BucketRequest([1], false), new CellCredit(2, 129));
        AssertViolated(InBuckets(), new BucketRequest([1], false), new CellCredit(uint.MaxValue, 1));
        AssertViolated(InBuckets(), new BucketRequest([.. Enumerable.Range(0, 1025).Select(static bucket => (uint)bucket)], false));
        foreach (int log2Cells in (int[])[int.MinValue, -1, 0, 7, 25, int.MaxValue])
            Assert.Equal(ExchangeEnd.Violated, Respond(new ExchangeBegin(1, 1, log2Cells, 0)).Result?.End);
    }

    [Fact]
    public void Messages_out_of_turn_are_a_violation()
    {
        AssertViolated(Respond(), new BucketRequest([1], true));
        AssertViolated(Respond(), new CellCredit(1, 1));
        AssertViolated(Respond(), new ExchangeBegin(1, 1, 17, 0));
        AssertViolated(Respond(), new SketchCells(0, 0, new byte[16]));
        AssertViolated(Respond(), new ExchangeVerdict(VerdictKind.Equal, 0, 0, _image.Fingerprint, 0));
        AssertViolated(InBuckets(), new CellCredit(0, 1000));
        AssertViolated(InBuckets(), new CellCredit(2, 1));
        AssertViolated(InBuckets(), new BucketPrefixes(0, default, false));
    }

    [Fact]
    public void Credit_without_end_keeps_no_more_than_a_number()
    {
        ExchangeResponder responder = Respond();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint credit = 129; credit <= Cells; credit++)
            responder.Receive(new CellCredit(0, credit));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512 << 10);
        Assert.InRange(TakeAll(responder).Count, 1, 3);
        AssertViolated(responder, new CellCredit(0, Cells + 1));
    }

    [Fact]
    public void A_last_difference_beyond_all_reason_gets_the_cells_there_are()
    {
        ExchangeResponder responder = Respond(new ExchangeBegin(20_000, 1, Log2Cells, uint.MaxValue));
        Assert.Equal(Cells, TakeAll(responder).OfType<SketchCells>().Sum(static message => message.Data.Length / 16));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void A_size_that_cannot_be_gets_buckets(ulong size) =>
        Assert.IsType<BucketFingerprints>(Assert.Single(TakeAll(Respond(new ExchangeBegin(size, 1, Log2Cells, 0)))));

    [Fact]
    public void Whatever_comes_after_the_end_is_ignored()
    {
        ExchangeResponder responder = Respond();
        responder.Receive(new ExchangeVerdict(VerdictKind.Decoded, 1, 2, 3, 4));
        ExchangeResult? result = responder.Result;
        responder.Receive(new CellCredit(0, uint.MaxValue));
        Assert.Equal(ExchangeEnd.Decoded, result?.End);
        Assert.Same(result, responder.Result);
    }

    private static void AssertViolated(ExchangeResponder responder, params SketchMessage[] messages)
    {
        foreach (SketchMessage message in messages)
        {
            Assert.False(responder.IsEnded);
            responder.Receive(message);
        }

        Assert.Equal(ExchangeEnd.Violated, responder.Result?.End);
        Assert.False(responder.TryTake(out _));
    }

    private static List<SketchMessage> TakeAll(ExchangeResponder responder)
    {
        List<SketchMessage> messages = [];
        while (responder.TryTake(out SketchMessage? message))
            messages.Add(message);
        return messages;
    }

    private ExchangeResponder Respond() => Respond(new ExchangeBegin(20_000, 1, Log2Cells, 0));

    private ExchangeResponder Respond(ExchangeBegin begin) => new(_image, _set, begin, ExchangeLimits.Default);

    /// <summary>A responder that has given the fingerprints of its buckets.</summary>
    private ExchangeResponder InBuckets()
    {
        ExchangeResponder responder = Respond();
        responder.Receive(new ExchangeVerdict(VerdictKind.NeedBuckets, 0, 0, 0, 0));
        TakeAll(responder);
        return responder;
    }
}
