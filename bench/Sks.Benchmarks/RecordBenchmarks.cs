using BenchmarkDotNet.Attributes;
using Sks.Storage;

namespace Sks.Benchmarks;

/// <summary>Works out all that is written for 200 new certificates, their indexes included.</summary>
[MemoryDiagnoser]
public class RecordBenchmarks
{
    private List<ReadOnlyMemory<byte>> _certificates = [];

    [ParamsSource(nameof(Names))]
    public string Keyring { get; set; } = "";

    public static IEnumerable<string> Names => Corpus.Names;

    [GlobalSetup]
    public void Setup() => _certificates = [.. Corpus.Split(Corpus.Read(Keyring)).Take(200)];

    [Benchmark(Baseline = true)]
    public int Parse() => _certificates.Sum(static bytes => Corpus.Parse(bytes).PacketCount);

    [Benchmark]
    public int ParseAndVerify() => _certificates.Sum(static bytes => Corpus.Examine(Corpus.Parse(bytes)).Clean.Count);

    [Benchmark]
    public int ParseVerifyAndPrepare() => _certificates.Sum(static bytes =>
        PreparedChange.Create(Corpus.Examine(Corpus.Parse(bytes)), null, ChangeSource.Import).NewDigest.GetHashCode() & 1);
}
