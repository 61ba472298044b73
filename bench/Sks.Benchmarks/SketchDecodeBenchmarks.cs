using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Sks.Reconciliation.Sketches;

namespace Sks.Benchmarks;

/// <summary>Decodes the cells of so many differences, as they come in messages and until they are enough: all attempts of an exchange.</summary>
[MemoryDiagnoser]
public class SketchDecodeBenchmarks
{
    private const int CellsPerMessage = 4096;
    private const double Asked = 1.3;

    private readonly SketchKey _key = SketchDigests.KeyOf(0);
    private SketchImage? _ours;
    private SketchImage? _theirs;

    [Params(100, 1000, 10_000, 50_000)]
    public int Differences { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _ours = ImageOf(0, Differences / 2);
        _theirs = ImageOf(Differences / 2, Differences - (Differences / 2));
    }

    [Benchmark]
    public int Decode()
    {
        var decoder = new SketchDecoder(_key, _ours!.Cells.Length);
        for (int credit = (int)(Asked * Differences); decoder.State == DecoderState.Incomplete; credit = (int)(Asked * credit))
        {
            while (decoder.Count < credit && decoder.State == DecoderState.Incomplete)
            {
                int count = Math.Min(CellsPerMessage, credit - decoder.Count);
                decoder.Append(MemoryMarshal.AsBytes(_theirs!.Cells.Slice(decoder.Count, count)), _ours.Cells.Slice(decoder.Count, count));
            }
        }

        return decoder.Recovered.Count;
    }

    private SketchImage ImageOf(int first, int count)
    {
        var sketch = new CodedSketch(_key);
        sketch.Add(SketchDigests.Create(first, count));
        return sketch.Freeze();
    }
}
