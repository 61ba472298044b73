using BenchmarkDotNet.Attributes;
using Sks.Reconciliation;

namespace Sks.Benchmarks;

/// <summary>Decodes one node with as many differences as a request can settle, and one with too many.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private FieldElement[] _remote = [];
    private FieldElement[] _local = [];
    private int _localOnly;

    /// <summary>How many elements only the remote side has; with those of the local side alone it is <see cref="Differences"/>.</summary>
    [Params(3, 5)]
    public int RemoteOnly { get; set; }

    [Params(5, 6)]
    public int Differences { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _localOnly = Differences - RemoteOnly;
        var sampler = new Sampler(TreeShape.Default);
        Element[] elements = [.. DigestElements.Create(Differences)];
        _remote = sampler.Evaluate(elements[..RemoteOnly]);
        _local = sampler.Evaluate(elements[RemoteOnly..]);
    }

    [Benchmark]
    public bool Decode() => DifferenceDecoder.TryDecode(TreeShape.Default, _remote, 200 + RemoteOnly, _local, 200 + _localOnly, out _);
}
