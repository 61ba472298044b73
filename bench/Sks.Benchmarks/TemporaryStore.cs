using Sks.Storage;

namespace Sks.Benchmarks;

/// <summary>A store in a folder of its own, gone when disposed.</summary>
internal sealed class TemporaryStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sks-benchmark-").FullName;

    public TemporaryStore() => Store = CertificateStore.Open(new StoreOptions { Folder = _folder }, TimeProvider.System);

    public CertificateStore Store { get; }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
