using BenchmarkDotNet.Attributes;
using Sks.OpenPgp;
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
    public int ParseAndPrepare() => _certificates.Sum(static bytes =>
    {
        Certificate certificate = Corpus.Parse(bytes);
        return PreparedChange.Create(certificate, null, ChangeSource.Import).NewDigest.GetHashCode() & 1;
    });
}
