using BenchmarkDotNet.Attributes;
using Sks.LoadHarness.Synthetic;
using Sks.Storage;

namespace Sks.Benchmarks;

/// <summary>Commits new small certificates at once, synced: one operation is the whole group, whose size is the parameter.</summary>
[MemoryDiagnoser]
public class CommitBenchmarks : IAsyncDisposable
{
    private readonly SyntheticKeyring _keyring = new(3);
    private TemporaryStore? _temporary;
    private PreparedChange[] _changes = [];
    private int _next;

    [Params(1, 8, 64, 512)]
    public int Group { get; set; }

    [GlobalSetup]
    public void Setup() => _temporary = new TemporaryStore();

    [GlobalCleanup]
    public async Task CleanupAsync() => await DisposeAsync();

    [IterationSetup]
    public void Prepare() => _changes =
    [
        .. Enumerable.Range(_next, Group)
            .Select(number => PreparedChange.Create(Corpus.Examine(Corpus.Parse(_keyring.Create(number))), null, ChangeSource.Hkp)),
    ];

    [IterationCleanup]
    public void Advance() => _next += Group;

    [Benchmark]
    public Task<CommitResult[]> CommitAsync() =>
        Task.WhenAll(_changes.Select(change => _temporary!.Store.CommitAsync(change, CancellationToken.None)));

    public async ValueTask DisposeAsync()
    {
        if (_temporary is not null)
            await _temporary.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
