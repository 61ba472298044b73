using System.Buffers.Binary;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>An initiator whose other side does what it may not.</summary>
public sealed class HostileResponderTests
{
    private const int Log2Cells = 12;
    private const int Cells = 1 << Log2Cells;
    private const uint Bucket = 0x123;
    private const uint Other = 0x124;
    private const uint Unasked = 0x125;

    private readonly SomeDigests _ours = new(SomeDigests.Create(new Random(1), 300));
    private readonly SomeDigests _theirs = new(SomeDigests.Create(new Random(2), 300));

    [Fact]
    public void Cells_of_noise_without_end_are_a_violation_and_cost_little()
    {
        var random = new Random(3);
        SketchImage image = _ours.Freeze(SomeDigests.Key, 17);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ExchangeInitiator initiator = BeginOn(image, 17);
        int have = 0;
        int credit = 128;
        while (!initiator.IsEnded)
        {
            Assert.True(have <= 1 << 17, "It takes more cells than a sketch has.");
            var noise = new byte[16 * Math.Min(4096, Math.Max(1, credit - have))];
            random.NextBytes(noise);
            initiator.Receive(new SketchCells(0, (uint)have, noise));
            have += noise.Length / 16;
            while (initiator.TryTake(out SketchMessage? message))
                credit = message is CellCredit asked ? (int)asked.CellsUpto : credit;
        }

        Assert.Equal(ExchangeEnd.Violated, initiator.Result!.End);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 24 << 20);
    }

    [Fact]
    public void As_many_symbols_as_cells_cost_little_and_are_not_believed()
    {
        // A sketch that decodes as late as it may, of a set whose fingerprint is another.
        var many = new SomeDigests(SomeDigests.Create(new Random(4), 100_000));
        SketchImage image = new SomeDigests([]).Freeze(SomeDigests.Key);
        SketchImage theirs = many.Freeze(SomeDigests.Key);
        var responder = new ExchangeResponder(theirs, many, new ExchangeBegin(50_000, 0, 17, 0), ExchangeLimits.Default);
        responder.Receive(new CellCredit(0, 1 << 17));
        Assert.True(responder.TryTake(out _));

        long before = GC.GetAllocatedBytesForCurrentThread();
        var initiator = new ExchangeInitiator(image, new SomeDigests([]), 1 << 17, ExchangeLimits.Default);
        initiator.Receive(new SketchProbes(new byte[DifferenceEstimator.ProbesLength(1 << 17)], 0, 5, 17));
        while (responder.TryTake(out SketchMessage? message))
            initiator.Receive(message);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        List<SketchMessage> asked = TakeAll(initiator);
        Assert.Equal(VerdictKind.NeedBuckets, Assert.IsType<ExchangeVerdict>(asked[^1]).Kind);
        Assert.False(initiator.TryTakeDifference(out _));
        Assert.InRange(allocated, 1 << 20, 64 << 20);
    }

    [Fact]
    public void Cells_that_were_not_to_come_are_a_violation()
    {
        var cells = new SketchCells(0, 0, new byte[128 * 16]);
        AssertViolated(Begin(), cells, cells);
        AssertViolated(Begin(), cells with { First = 1 });
        AssertViolated(Begin(), cells with { First = uint.MaxValue });
        AssertViolated(Begin(), cells with { Data = new byte[129 * 16] });
        AssertViolated(Begin(), cells with { Data = new byte[127 * 16] });
        AssertViolated(Begin(), cells with { Data = new byte[16] });
        AssertViolated(Begin(), cells with { Data = new byte[(128 * 16) - 1] });
        AssertViolated(Begin(), cells with { Data = default });
        AssertViolated(Begin(), cells with { Bucket = 1 });
        AssertViolated(Begin(), cells with { Bucket = uint.MaxValue });
        AssertViolated(Fresh(), cells);
    }

    [Fact]
    public void Messages_out_of_turn_are_a_violation()
    {
        AssertViolated(Begin(), Probes());
        AssertViolated(Begin(), Fingerprints(_theirs));
        AssertViolated(Begin(), new BucketPrefixes(0, default, false));
        AssertViolated(Begin(), new CellCredit(0, 1));
        AssertViolated(Begin(), new BucketRequest([1], true));
        AssertViolated(Begin(), new ExchangeVerdict(VerdictKind.Equal, 0, 0, _ours.Freeze(SomeDigests.Key).Fingerprint, 0));
        AssertViolated(Fresh(), new ExchangeVerdict(VerdictKind.Equal, 0, 0, 1, 0));
        AssertViolated(Fresh(), new ExchangeVerdict(VerdictKind.Decoded, 0, 0, 0, 0));
        AssertViolated(Fresh(), new ExchangeVerdict(VerdictKind.NeedBuckets, 0, 0, 0, 0));
        AssertViolated(Fresh(), new ExchangeVerdict((VerdictKind)77, 0, 0, 0, 0));
    }

    [Fact]
    public void Wrong_sizes_are_a_violation_before_anything_is_made_of_them()
    {
        AssertViolated(Fresh(), Probes() with { Log2Cells = 7 });
        AssertViolated(Fresh(), Probes() with { Log2Cells = 25 });
        AssertViolated(Fresh(), Probes() with { Log2Cells = int.MinValue });
        AssertViolated(Fresh(), Probes() with { Folded = new byte[4] });
        AssertViolated(Fresh(), Fingerprints(_theirs) with { Fingerprints = new byte[16] });
        AssertViolated(Fresh(), Fingerprints(_theirs) with { Sizes = [1] });
    }

    [Fact]
    public void Huge_counts_end_it_and_allocate_next_to_nothing()
    {
        ExchangeInitiator byProbes = Fresh();
        ExchangeInitiator byBuckets = Fresh();
        BucketFingerprints fingerprints = Fingerprints(_theirs) with { Sizes = [.. Enumerable.Repeat(uint.MaxValue, CodedSketch.Buckets)] };

        long before = GC.GetAllocatedBytesForCurrentThread();
        byProbes.Receive(Probes() with { Size = ulong.MaxValue });
        byBuckets.Receive(fingerprints);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
        Assert.Equal(VerdictKind.NeedBuckets, Assert.IsType<ExchangeVerdict>(TakeAll(byProbes)[^1]).Kind);
        Assert.Equal(ExchangeEnd.Failed, byBuckets.Result!.End);
    }

    [Fact]
    public void Buckets_must_be_those_of_the_set_that_was_announced()
    {
        ExchangeInitiator initiator = Fresh();
        initiator.Receive(Probes() with { Size = ulong.MaxValue });
        AssertViolated(initiator, Fingerprints(_theirs));
    }

    [Fact]
    public void Lists_that_are_none_of_their_bucket_are_a_violation()
    {
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, Prefixes(2, 1), false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, Prefixes(1, 1), false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, Prefixes(2), true), new BucketPrefixes(Bucket, Prefixes(1), false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, new byte[8], false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, Prefixes(1).AsMemory(1), false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, default, true));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, Prefixes([.. Enumerable.Range(1, 8193)]), false));
        AssertViolated(InBuckets(), new BucketPrefixes(Unasked, default, false));
        AssertViolated(InBuckets(), new BucketPrefixes(uint.MaxValue, default, false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, default, false), new BucketPrefixes(Bucket, default, false));
        AssertViolated(InBuckets(), new BucketPrefixes(Bucket, Prefixes(1), true), new BucketPrefixes(Other, default, false));
    }

    [Fact]
    public void A_list_without_end_is_a_violation_when_it_is_much_longer_than_announced()
    {
        ExchangeInitiator initiator = InBuckets();
        int next = 1;
        long found = 0;
        while (!initiator.IsEnded)
        {
            Assert.True(next < 100_000, "It goes on without end.");
            initiator.Receive(new BucketPrefixes(Bucket, Prefixes([.. Enumerable.Range(next, 1000)]), true));
            next += 1000;
            while (initiator.TryTakeDifference(out SketchDifference? difference))
                found += difference.MissingHere.Count;
        }

        Assert.Equal(ExchangeEnd.Violated, initiator.Result!.End);
        Assert.InRange(found, 8000, 8300);
    }

    [Fact]
    public void Cells_of_a_bucket_are_bounded_and_noise_there_ends_in_a_list()
    {
        var random = new Random(5);
        List<byte[]> digests = SomeDigests.Create(random, 2000);
        foreach (byte[] digest in digests)
            (digest[0], digest[1]) = (0, (byte)(digest[1] & 0x0F));
        var ours = new SomeDigests(digests);
        var theirs = new SomeDigests(digests.Skip(1));
        var initiator = new ExchangeInitiator(ours.Freeze(SomeDigests.Key, Log2Cells), ours, 0, ExchangeLimits.Default);
        initiator.Receive(Fingerprints(theirs));
        CellCredit credit = Assert.Single(TakeAll(initiator).OfType<CellCredit>());
        Assert.Equal(1U, credit.Bucket);

        uint have = 0;
        for (List<SketchMessage> asked = []; asked.OfType<BucketRequest>().All(static request => !request.AsLists); asked = TakeAll(initiator))
        {
            credit = asked.OfType<CellCredit>().SingleOrDefault(credit);
            Assert.InRange(credit.CellsUpto, have + 1, 2048U);
            var noise = new byte[16 * (credit.CellsUpto - have)];
            random.NextBytes(noise);
            initiator.Receive(new SketchCells(1, have, noise));
            have = credit.CellsUpto;
        }

        AssertViolated(initiator, new SketchCells(1, have, new byte[16]));
    }

    private static byte[] Prefixes(params int[] numbers)
    {
        var bytes = new byte[8 * numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8 * i), ((ulong)Bucket << 52) + (ulong)numbers[i]);
        return bytes;
    }

    private static BucketFingerprints Fingerprints(SomeDigests set)
    {
        SketchImage image = set.Freeze(SomeDigests.Key, Log2Cells);
        return new BucketFingerprints(image.ReadBucketFingerprints(), [.. image.BucketSizes]);
    }

    private static SketchProbes Probes() => new(new byte[DifferenceEstimator.ProbesLength(Cells)], 300, 1, Log2Cells);

    /// <summary>An initiator that awaits the lists of two buckets and nothing else.</summary>
    private static ExchangeInitiator InBuckets()
    {
        var empty = new SomeDigests([]);
        var initiator = new ExchangeInitiator(empty.Freeze(SomeDigests.Key, Log2Cells), empty, 0, ExchangeLimits.Default);
        var fingerprints = new byte[16 * CodedSketch.Buckets];
        fingerprints[(16 * Bucket) + 3] = 1;
        fingerprints[(16 * Other) + 3] = 2;
        var sizes = new uint[CodedSketch.Buckets];
        sizes[Bucket] = 1;
        sizes[Other] = 1;
        initiator.Receive(new BucketFingerprints(fingerprints, sizes));
        BucketRequest request = Assert.Single(TakeAll(initiator).OfType<BucketRequest>());
        Assert.True(request.AsLists);
        Assert.Equal([Bucket, Other], request.Buckets);
        return initiator;
    }

    private static void AssertViolated(ExchangeInitiator initiator, params SketchMessage[] messages)
    {
        foreach (SketchMessage message in messages)
        {
            Assert.False(initiator.IsEnded);
            initiator.Receive(message);
        }

        Assert.Equal(ExchangeEnd.Violated, initiator.Result?.End);
        Assert.False(initiator.TryTake(out _));
    }

    private static List<SketchMessage> TakeAll(ExchangeInitiator initiator)
    {
        List<SketchMessage> messages = [];
        while (initiator.TryTake(out SketchMessage? message))
            messages.Add(message);
        return messages;
    }

    private static ExchangeInitiator BeginOn(SketchImage image, int log2Cells)
    {
        var initiator = new ExchangeInitiator(image, new SomeDigests([]), 0, ExchangeLimits.Default);
        byte[] probes = DifferenceEstimator.Read(image.Cells, image.Cells.Length);
        initiator.Receive(new SketchProbes(probes, (ulong)image.Count, 1, log2Cells));
        return initiator;
    }

    private ExchangeInitiator Fresh() => new(_ours.Freeze(SomeDigests.Key, Log2Cells), _ours, 0, ExchangeLimits.Default);

    /// <summary>An initiator that awaits 128 cells.</summary>
    private ExchangeInitiator Begin() => BeginOn(_ours.Freeze(SomeDigests.Key, Log2Cells), Log2Cells);
}
