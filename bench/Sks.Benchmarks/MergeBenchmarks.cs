using BenchmarkDotNet.Attributes;
using Sks.OpenPgp;

namespace Sks.Benchmarks;

/// <summary>Merges 200 certificates, each with itself: everything is compared, nothing is new.</summary>
[MemoryDiagnoser]
public class MergeBenchmarks
{
    private Certificate[] _certificates = [];

    [ParamsSource(nameof(Names))]
    public string Keyring { get; set; } = "";

    public static IEnumerable<string> Names => Corpus.Names;

    [GlobalSetup]
    public void Setup() => _certificates = Corpus.Parse(Keyring);

    [Benchmark]
    public int Merge() => _certificates.Sum(static certificate => CertificateMerger.Merge(certificate, certificate).PacketCount);
}
