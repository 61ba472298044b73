using BenchmarkDotNet.Attributes;
using Sks.Reconciliation.Sketches;

namespace Sks.Benchmarks;

/// <summary>Adds 256 digests to the sketches of so many links, one link after the other so that a sketch stays in the cache.</summary>
[MemoryDiagnoser]
public class SketchUpdateBenchmarks
{
    private const int Updates = 256;

    private readonly byte[] _digests = SketchDigests.Create(0, Updates);
    private CodedSketch[] _links = [];

    [Params(1, 20)]
    public int Links { get; set; }

    [GlobalSetup]
    public void Setup() => _links = [.. Enumerable.Range(0, Links).Select(static link => new CodedSketch(SketchDigests.KeyOf(link)))];

    /// <summary>Time of one update of all links.</summary>
    [Benchmark(OperationsPerInvoke = Updates)]
    public void Update()
    {
        foreach (CodedSketch link in _links)
            link.Add(_digests);
    }
}
