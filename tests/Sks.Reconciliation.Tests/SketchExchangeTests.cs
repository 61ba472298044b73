using CsCheck;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>Both sides of an exchange, and an initiator whose other side does what it may not.</summary>
public sealed class SketchExchangeTests
{
    [Theory]
    [InlineData(500, 0, 0, 17, 17)]
    [InlineData(500, 1, 0, 17, 17)]
    [InlineData(500, 0, 1, 17, 17)]
    [InlineData(500, 5, 5, 17, 17)]
    [InlineData(0, 0, 1000, 17, 17)]
    [InlineData(0, 1000, 0, 17, 17)]
    [InlineData(500, 500, 500, 17, 17)]
    [InlineData(500, 5000, 5000, 17, 17)]
    [InlineData(500, 300, 300, 10, 17)]
    [InlineData(500, 300, 300, 17, 11)]
    [InlineData(500, 20, 10, 8, 17)]
    [InlineData(20_000, 700, 700, 8, 8)] // buckets as cells
    [InlineData(200_000, 6000, 6000, 8, 17)]
    [InlineData(100, 5000, 5000, 12, 12)] // lists
    [InlineData(0, 0, 20_000, 12, 12)]
    [InlineData(0, 20_000, 0, 12, 12)]
    public void The_initiator_finds_what_differs(int common, int here, int there, int log2Here, int log2There)
    {
        var random = new Random(common + (7 * here) + (13 * there));
        List<byte[]> both = SomeDigests.Create(random, common);
        var ours = new SomeDigests(SomeDigests.Create(random, here));
        var theirs = new SomeDigests(SomeDigests.Create(random, there));
        ulong[] onlyHere = [.. ours.Prefixes];
        ulong[] missingHere = [.. theirs.Prefixes];
        both.ForEach(ours.Add);
        both.ForEach(theirs.Add);

        ExchangePair pair = ExchangePair.Run(
            ours.Freeze(SomeDigests.Key, log2Here), ours, theirs.Freeze(SomeDigests.Key, log2There), theirs);

        Assert.Null(pair.Initiator.Result!.Reason);
        Assert.Equal(here + there == 0 ? ExchangeEnd.Equal : ExchangeEnd.Decoded, pair.Initiator.Result!.End);
        Assert.Equal(onlyHere, pair.OnlyHere.Order());
        Assert.Equal(missingHere, pair.MissingHere.Order());
        Assert.Equal(pair.Initiator.Result.End, pair.Responder!.Result!.End);
        Assert.Equal(here, pair.Responder.Result.MissingHere);
        Assert.Equal(there, pair.Responder.Result.OnlyHere);
    }

    [Fact]
    public void The_tests_of_buckets_use_cells_as_well_as_lists()
    {
        var random = new Random(3);
        var ours = new SomeDigests(SomeDigests.Create(random, 200_000));
        var theirs = new SomeDigests(SomeDigests.Create(random, 1000));
        for (int bucket = 0; bucket < CodedSketch.Buckets; bucket++)
        {
            foreach (byte[] digest in ours.ReadBucket(bucket).Chunk(32))
                theirs.Add(digest);
        }

        SketchImage image = theirs.Freeze(SomeDigests.Key, 8);
        ExchangePair pair = ExchangePair.Run(ours.Freeze(SomeDigests.Key, 8), ours, image, theirs);

        Assert.True(pair.Initiator.Result!.UsedBuckets);
        Assert.Contains(pair.FromResponder, static message => message is SketchCells { Bucket: > 0 });
        Assert.Equal(1000, pair.MissingHere.Count);
    }

    [Fact]
    public void A_few_differences_take_one_round()
    {
        var random = new Random(5);
        for (int differences = 1; differences <= 70; differences += 3)
        {
            var ours = new SomeDigests(SomeDigests.Create(random, differences / 2));
            var theirs = new SomeDigests(SomeDigests.Create(random, differences - (differences / 2)));
            ExchangePair pair = ExchangePair.Run(ours.Freeze(SomeDigests.Key), ours, theirs.Freeze(SomeDigests.Key), theirs);
            Assert.Equal(128, pair.Cells);
            Assert.Equal(ExchangeEnd.Decoded, pair.Initiator.Result!.End);
            Assert.False(pair.Initiator.Result.UsedBuckets);
        }
    }

    [Theory]
    [InlineData(17)]
    [InlineData(8)]
    public void Sets_that_change_after_the_freeze_do_no_harm(int log2Cells)
    {
        var random = new Random(6);
        List<byte[]> own = SomeDigests.Create(random, 3000);
        var ours = new SomeDigests(own);
        var theirs = new SomeDigests(SomeDigests.Create(random, 3000));
        SketchImage imageHere = ours.Freeze(SomeDigests.Key, log2Cells);
        SketchImage imageThere = theirs.Freeze(SomeDigests.Key, log2Cells);
        own[..1000].ForEach(ours.Remove);
        SomeDigests.Create(random, 1000).ForEach(ours.Add);
        SomeDigests.Create(random, 1000).ForEach(theirs.Add);

        ExchangePair pair = ExchangePair.Run(imageHere, ours, imageThere, theirs);

        Assert.Equal(ExchangeEnd.Decoded, pair.Initiator.Result!.End);
    }

    [Fact]
    public void Whatever_is_done_to_cells_on_their_way_it_ends()
    {
        var random = new Random(7);
        var ours = new SomeDigests(SomeDigests.Create(random, 150));
        var theirs = new SomeDigests(SomeDigests.Create(random, 150));
        SketchImage imageHere = ours.Freeze(SomeDigests.Key, 10);
        SketchImage imageThere = theirs.Freeze(SomeDigests.Key, 10);

        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4095], Gen.Byte[1, 255]).Sample(
            (kind, at, flip) =>
            {
                ExchangePair pair = ExchangePair.Run(imageHere, ours, imageThere, theirs, change: message => Change(message, kind, at, flip));
                Assert.True(pair.Initiator.IsEnded || kind == 4);
                if (kind is 1 or 2)
                    Assert.Equal(ExchangeEnd.Violated, pair.Initiator.Result!.End);
            },
            iter: 150);
    }

    [Fact]
    public void Damage_of_the_whole_sketch_is_made_good_by_buckets()
    {
        var random = new Random(8);
        var ours = new SomeDigests(SomeDigests.Create(random, 20));
        var theirs = new SomeDigests(SomeDigests.Create(random, 20));

        ExchangePair pair = ExchangePair.Run(
            ours.Freeze(SomeDigests.Key, 8), ours, theirs.Freeze(SomeDigests.Key, 8), theirs,
            change: static message => message is SketchCells { Bucket: 0 } ? Change(message, 0, 3, 1) : [message]);

        Assert.True(pair.Initiator.Result!.UsedBuckets);
        Assert.Equal(theirs.Prefixes, pair.MissingHere.Order());
        Assert.Equal(ours.Prefixes, pair.OnlyHere.Order());
    }

    private static IEnumerable<SketchMessage> Change(SketchMessage message, int kind, int at, byte flip)
    {
        if (message is not SketchCells cells)
            return [message];
        byte[] data = cells.Data.ToArray();
        data[at % data.Length] ^= flip;
        return kind switch
        {
            0 => [cells with { Data = data }],
            1 => [cells, cells], // replayed
            2 => [cells with { Data = data.AsMemory(1) }],
            3 => [cells with { Data = new byte[data.Length] }],
            _ => [],
        };
    }
}
