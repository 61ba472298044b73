using BenchmarkDotNet.Attributes;
using Sks.LoadHarness.Synthetic;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Benchmarks;

/// <summary>Looks one of 10,000 small certificates up. An HKP get cannot be faster than this.</summary>
[MemoryDiagnoser]
public class LookupBenchmarks
{
    private const int Count = 10_000;
    private const int Step = 7919;

    private readonly string _folder = Directory.CreateTempSubdirectory("sks-benchmark-").FullName;
    private KeyserverNode? _node;
    private Certificate[] _certificates = [];
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        var keyring = new SyntheticKeyring(3);
        _certificates = [.. Enumerable.Range(0, Count).Select(number => Corpus.Parse(keyring.Create(number)))];
        using (BulkLoader loader = BulkLoader.Open(_folder, static (_, incoming) => Corpus.Examine(incoming)))
        {
            loader.Load(_certificates);
            loader.Finish();
        }

        _node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = _folder }, TimeProvider.System);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public int ByFingerprint() => Find(new CertificateSelector.ByFingerprint(Next().PrimaryKey.Fingerprint));

    [Benchmark]
    public int ByKeyId() => Find(new CertificateSelector.ByKeyId(Next().PrimaryKey.KeyId));

    [Benchmark]
    public int ByDigest() => Find(new CertificateSelector.ByDigest(Next().Digest));

    private int Find(CertificateSelector selector) => _node!.Query.Find(selector).Certificates.Count;

    private Certificate Next() => _certificates[_next = (_next + Step) % Count];
}
