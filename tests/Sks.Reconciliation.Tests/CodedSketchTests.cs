using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>Sketches and their decoding.</summary>
public sealed class CodedSketchTests
{
    [Fact]
    public void What_was_added_and_removed_leaves_nothing()
    {
        byte[] digests = [.. SomeDigests.Create(new Random(1), 100).SelectMany(static digest => digest)];
        var sketch = new CodedSketch(SomeDigests.Key);
        byte[] empty = sketch.Save();

        sketch.Add(digests);
        Assert.Equal(100, sketch.Count);
        Assert.NotEqual(UInt128.Zero, sketch.Fingerprint);
        sketch.Remove(digests);

        Assert.Equal(empty, sketch.Save());
    }

    [Fact]
    public void What_was_saved_is_loaded_unless_it_is_damaged_or_of_another_key()
    {
        var sketch = new CodedSketch(SomeDigests.Key, 8);
        sketch.Add([.. SomeDigests.Create(new Random(1), 100).SelectMany(static digest => digest)]);
        byte[] saved = sketch.Save();

        CodedSketch? loaded = CodedSketch.Load(SomeDigests.Key, saved);

        Assert.NotNull(loaded);
        Assert.Equal(saved, loaded.Save());
        Assert.Equal((sketch.Count, sketch.Fingerprint), (loaded.Count, loaded.Fingerprint));
        Assert.Null(CodedSketch.Load(SomeDigests.KeyOf(2), saved));
        Assert.Null(CodedSketch.Load(SomeDigests.Key, saved.AsSpan(0, saved.Length - 1)));
        Assert.Null(CodedSketch.Load(SomeDigests.Key, []));
        for (int at = 0; at < saved.Length; at += 997)
        {
            saved[at] ^= 1;
            Assert.Null(CodedSketch.Load(SomeDigests.Key, saved));
            saved[at] ^= 1;
        }
    }

    [Theory]
    [InlineData(1000, 30, 1.20)]
    [InlineData(10_000, 5, 1.12)]
    [InlineData(100_000, 1, 1.10)]
    public void Differences_need_few_cells(int differences, int runs, double most)
    {
        double sum = 0;
        for (int run = 0; run < runs; run++)
            sum += CellsNeeded(new Random(run), differences);
        Assert.InRange(sum / runs / differences, 1, most);
    }

    private static int CellsNeeded(Random random, int differences)
    {
        var sketch = new CodedSketch(SomeDigests.Key);
        sketch.Add([.. SomeDigests.Create(random, differences).SelectMany(static digest => digest)]);
        SketchImage image = sketch.Freeze();
        var decoder = new SketchDecoder(SomeDigests.Key, image.Cells.Length);
        int step = Math.Max(1, differences / 250);
        while (decoder.State == DecoderState.Incomplete)
        {
            ReadOnlySpan<Vector128<byte>> cells = image.Cells.Slice(decoder.Count, Math.Min(step, image.Cells.Length - decoder.Count));
            decoder.Append(MemoryMarshal.AsBytes(cells), new Vector128<byte>[cells.Length]);
        }

        Assert.Equal(DecoderState.Complete, decoder.State);
        Assert.Equal(differences, decoder.Recovered.Count);
        return decoder.Count;
    }
}
