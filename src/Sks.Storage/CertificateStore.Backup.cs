using RocksDbSharp;

namespace Sks.Storage;

/// <content>Backups.</content>
public sealed partial class CertificateStore
{
    /// <summary>Writes a backup: a folder with this store as it is now. Reading and writing go on.</summary>
    /// <remarks>Whoever opens it, or a copy of it, for the first time begins a new incarnation of the change log.</remarks>
    /// <param name="folder">Where to; created for its owner only when missing. There must be no store in it.</param>
    /// <param name="keepsLinks">Whether to keep what is kept per peer, secrets included. Without, nothing of it is in any file of the backup.</param>
    /// <exception cref="StorageException">The store is closing, the folder is in use or holds a store, or the disk cannot be written.</exception>
    public Task BackUpAsync(string folder, bool keepsLinks) => BackUpAsync(folder, keepsLinks, static _ => { });

    /// <inheritdoc cref="BackUpAsync(string, bool)"/>
    /// <param name="folder">As above.</param>
    /// <param name="keepsLinks">As above.</param>
    /// <param name="addFiles">Given the folder, puts in what else belongs there, before the store appears in it.</param>
    public async Task BackUpAsync(string folder, bool keepsLinks, Action<string> addFiles)
    {
        using StoreLease lease = TakeLease();
        try
        {
            await Task.Run(() => StoreBackup.Write(_database, folder, keepsLinks, addFiles)).ConfigureAwait(false);
        }
        catch (RocksDbException e)
        {
            throw Database.Explain(e, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {folder} cannot be written: {e.Message}", e);
        }
    }
}
