using BenchmarkDotNet.Attributes;
using Sks.Reconciliation;

namespace Sks.Benchmarks;

/// <summary>Builds the partition tree of a million sorted elements; nodes are counted and not kept.</summary>
[MemoryDiagnoser]
public class TreeBuildBenchmarks
{
    private const int Elements = 1_000_000;

    private Element[] _elements = [];
    private int _nodes;

    [GlobalSetup]
    public void Setup() => _elements = [.. DigestElements.Create(Elements).Order()];

    [Benchmark]
    public int Build()
    {
        _nodes = 0;
        TreeBuilder.Build(_elements, TreeShape.Default, _ => _nodes++);
        return _nodes;
    }
}
