using BenchmarkDotNet.Attributes;
using Sks.OpenPgp;

namespace Sks.Benchmarks;

/// <summary>What an HKP get does to the bytes of 200 certificates, and what storing them spares it.</summary>
[MemoryDiagnoser]
public class ArmorBenchmarks
{
    private readonly byte[] _armor = new byte[16 << 20];
    private byte[][] _certificates = [];

    [ParamsSource(nameof(Names))]
    public string Keyring { get; set; } = "";

    public static IEnumerable<string> Names => Corpus.Names;

    [GlobalSetup]
    public void Setup() => _certificates = [.. Corpus.Parse(Keyring).Select(static certificate => certificate.ToArray())];

    [Benchmark]
    public int Armor() => _certificates.Sum(bytes => ArmorWriter.Write(bytes, 0, _armor));

    [Benchmark]
    public uint Checksum()
    {
        uint sum = 0;
        foreach (byte[] bytes in _certificates)
            sum ^= Crc24.Compute(bytes);
        return sum;
    }
}
