using BenchmarkDotNet.Attributes;
using Sks.Reconciliation.Sketches;

namespace Sks.Benchmarks;

/// <summary>Builds the sketch of a million digests, and freezes it, which is all a responder does whatever the size of the set.</summary>
[MemoryDiagnoser]
public class SketchBuildBenchmarks
{
    private const int Elements = 1_000_000;

    private readonly SketchKey _key = SketchDigests.KeyOf(0);
    private readonly CodedSketch _built = new(SketchDigests.KeyOf(0));
    private byte[] _digests = [];

    [GlobalSetup]
    public void Setup()
    {
        _digests = SketchDigests.Create(0, Elements);
        _built.Add(_digests);
    }

    [Benchmark]
    public UInt128 Build()
    {
        var sketch = new CodedSketch(_key);
        sketch.Add(_digests);
        return sketch.Fingerprint;
    }

    [Benchmark]
    public SketchImage Freeze() => _built.Freeze();
}
