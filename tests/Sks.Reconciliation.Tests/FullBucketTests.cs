using System.Runtime.Intrinsics;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>Buckets that somebody has filled with digests chosen for their first bits. They are not split: docs/adr/0012.</summary>
public sealed class FullBucketTests
{
    private const int Full = 0x123;

    [Fact]
    public void A_full_bucket_in_which_little_differs_costs_what_the_differences_cost()
    {
        var random = new Random(21);
        List<byte[]> chosen = Choose(random, 100_000);
        List<byte[]> both = [.. chosen, .. SomeDigests.Create(random, 5000)];
        var ours = new SomeDigests([.. both, .. Choose(random, 12), .. SomeDigests.Create(random, 300)]);
        var theirs = new SomeDigests([.. both, .. Choose(random, 8), .. SomeDigests.Create(random, 300)]);

        ExchangePair pair = ExchangePair.Run(ours.Freeze(SomeDigests.Key, 8), ours, theirs.Freeze(SomeDigests.Key, 8), theirs);

        Assert.True(pair.Initiator.Result!.UsedBuckets);
        Assert.Equal((312, 308), (pair.OnlyHere.Count, pair.MissingHere.Count));
        Assert.DoesNotContain(pair.FromResponder, static message => message is BucketPrefixes { Bucket: Full });
        Assert.InRange(BytesOf(pair), 20 * Symbol.Length, 80 * Symbol.Length);
    }

    [Fact]
    public void Cells_of_a_full_bucket_are_bounded_and_its_list_comes_once()
    {
        var random = new Random(22);
        List<byte[]> both = Choose(random, 30_000);
        var ours = new SomeDigests([.. both, .. Choose(random, 3000)]);
        var theirs = new SomeDigests([.. both, .. Choose(random, 3000)]);

        ExchangePair pair = ExchangePair.Run(ours.Freeze(SomeDigests.Key, 8), ours, theirs.Freeze(SomeDigests.Key, 8), theirs);

        Assert.Equal((3000, 3000), (pair.OnlyHere.Count, pair.MissingHere.Count));
        Assert.InRange(BytesOf(pair), 1, 4096 * Symbol.Length);
        Assert.Equal(33_000 * 8, pair.FromResponder.OfType<BucketPrefixes>().Sum(static list => list.Prefixes.Length));
    }

    [Fact]
    public void A_full_bucket_at_one_side_makes_no_others_go_as_lists()
    {
        var random = new Random(23);
        var ours = new uint[CodedSketch.Buckets];
        var theirs = new uint[CodedSketch.Buckets];
        for (int bucket = 0; bucket < ours.Length; bucket++)
        {
            ours[bucket] = (uint)random.Next(200, 204);
            theirs[bucket] = (uint)random.Next(200, 204);
        }

        theirs[Full] += 100_000;
        var fingerprints = new byte[CodedSketch.Buckets * Symbol.Length];
        random.NextBytes(fingerprints);
        var image = new SketchImage(SomeDigests.Key, new Vector128<byte>[256], new Vector128<byte>[CodedSketch.Buckets], ours, 1, 1);

        var plan = new BucketPlan(image, fingerprints, theirs);

        Assert.Equal(CodedSketch.Buckets, plan.Differing.Count);
        Assert.Null(plan.FirstCells(Full, 0.4));
        Assert.All(plan.Differing.Where(static bucket => bucket != Full), bucket => Assert.InRange(plan.FirstCells(bucket, 0.4) ?? int.MaxValue, 16, 32));
    }

    private static int BytesOf(ExchangePair pair) =>
        pair.FromResponder.OfType<SketchCells>().Where(static cells => cells.Bucket == Full + 1).Sum(static cells => cells.Data.Length);

    private static List<byte[]> Choose(Random random, int count)
    {
        List<byte[]> digests = SomeDigests.Create(random, count);
        foreach (byte[] digest in digests)
        {
            digest[0] = Full >> 4;
            digest[1] = (byte)(((Full & 0xF) << 4) | (digest[1] & 0xF));
        }

        return digests;
    }
}
