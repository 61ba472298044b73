using BenchmarkDotNet.Attributes;

namespace Sks.Benchmarks;

/// <summary>Cuts a keyring into certificates and reads each: one operation is the whole keyring.</summary>
[MemoryDiagnoser]
public class ParseBenchmarks
{
    private byte[] _keyring = [];

    [ParamsSource(nameof(Names))]
    public string Keyring { get; set; } = "";

    public static IEnumerable<string> Names => Corpus.Names;

    [GlobalSetup]
    public void Setup() => _keyring = Corpus.Read(Keyring);

    [Benchmark(Baseline = true)]
    public int Split() => Corpus.Split(_keyring).Count;

    [Benchmark]
    public int SplitAndParse() => Corpus.Split(_keyring).Sum(static bytes => Corpus.Parse(bytes).PacketCount);
}
