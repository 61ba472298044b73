using BenchmarkDotNet.Attributes;
using Sks.OpenPgp;

namespace Sks.Benchmarks;

/// <summary>The SKS digest of 200 certificates.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks
{
    private Packet[][] _packets = [];

    [ParamsSource(nameof(Names))]
    public string Keyring { get; set; } = "";

    public static IEnumerable<string> Names => Corpus.Names;

    [GlobalSetup]
    public void Setup() => _packets = [.. Corpus.Parse(Keyring).Select(static certificate => certificate.Packets.ToArray())];

    [Benchmark]
    public int Digest() => _packets.Sum(static packets => SksDigest.Compute(packets).GetHashCode() & 1);
}
