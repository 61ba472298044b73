using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>
/// Digests ground until they are bad for one link: users choose their certificates, hence the digests. Who knows the secret takes those that are in cell 0
/// and then in none for long. Under any other secret they are as good as any.
/// </summary>
public sealed class ChosenDigestTests
{
    private const int Trials = 1 << 19;

    private static readonly SketchKey Known = SomeDigests.KeyOf(200);
    private static readonly byte[][] Chosen = Grind(1000);

    [Fact]
    public void A_pair_costs_hundreds_of_cells_under_the_key_it_was_chosen_for_and_next_to_nothing_under_others()
    {
        byte[][] pair = Chosen[..2];
        Assert.InRange(CellsNeeded(Known, pair), 300, int.MaxValue);
        for (byte other = 1; other <= 50; other++)
            Assert.InRange(CellsNeeded(SomeDigests.KeyOf(other), pair), 2, 64);
    }

    [Fact]
    public void A_thousand_cost_under_other_keys_what_any_thousand_costs()
    {
        double sum = 0;
        for (byte other = 1; other <= 20; other++)
            sum += CellsNeeded(SomeDigests.KeyOf(other), Chosen);
        Assert.InRange(sum / 20 / Chosen.Length, 1, 1.20);
    }

    /// <summary>The digests whose second cell is the farthest.</summary>
    private static byte[][] Grind(int count)
    {
        var random = new Random(11);
        var best = new PriorityQueue<byte[], int>();
        for (int trial = 0; trial < Trials; trial++)
        {
            var digest = new byte[Symbol.DigestLength];
            random.NextBytes(digest);
            var mapping = new SymbolMapping(Symbol.Of(Known, digest).Seed);
            mapping.Advance();
            int second = mapping.IsBelow(int.MaxValue) ? mapping.Index : int.MaxValue;
            if (best.Count < count)
                best.Enqueue(digest, second);
            else
                best.EnqueueDequeue(digest, second);
        }

        var chosen = new byte[count][];
        for (int i = count - 1; i >= 0; i--)
            chosen[i] = best.Dequeue();
        return chosen;
    }

    private static int CellsNeeded(SketchKey key, byte[][] digests)
    {
        var sketch = new CodedSketch(key, 13);
        foreach (byte[] digest in digests)
            sketch.Add(digest);
        SketchImage image = sketch.Freeze();
        var decoder = new SketchDecoder(key, image.Cells.Length);
        while (decoder.State == DecoderState.Incomplete && decoder.Count < image.Cells.Length)
        {
            ReadOnlySpan<Vector128<byte>> next = image.Cells.Slice(decoder.Count, 1);
            decoder.Append(MemoryMarshal.AsBytes(next), new Vector128<byte>[1]);
        }

        Assert.Equal(DecoderState.Complete, decoder.State);
        Assert.Equal(digests.Length, decoder.Recovered.Count);
        return decoder.Count;
    }
}
