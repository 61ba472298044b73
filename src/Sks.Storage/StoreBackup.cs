using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Makes a backup: a folder with a store as it was at one moment, taken while the store is in use.</summary>
/// <remarks>
/// <para>A checkpoint of RocksDB: tables are hard links where the file system allows it, else copies. It is made under the name that a cut-off bulk
/// load has, so that the next one to open the folder removes what is not complete, and gets its own when it is on disk.</para>
/// <para>A mark in it makes whoever opens it begin a new incarnation of the change log. The mark goes with each copy: two stores from one
/// backup are not taken for one another.</para>
/// <para>What is kept per peer holds secrets, and a deleted row stays in tables, in the log of writes and in the MANIFEST. So the family is
/// dropped as a whole, and the copy opened once more: RocksDB then deletes the files of dropped families, and starts with
/// a new log and a new MANIFEST. No compaction runs meanwhile, which would replace hard links by copies.</para>
/// </remarks>
internal static class StoreBackup
{
    // Bytes of the log of writes from which on RocksDB writes tables instead of copying the log.
    private const ulong AlwaysFlush = 0;

    /// <summary>Writes a backup.</summary>
    /// <param name="database">The store that is in use.</param>
    /// <param name="folder">Where to; there must be no store in it.</param>
    /// <param name="keepsLinks">Whether to keep <see cref="Family.Links"/>.</param>
    /// <param name="addFiles">Given the folder, puts in what else belongs there, before the store appears in it.</param>
    /// <exception cref="RocksDbException">The disk cannot be written.</exception>
    /// <exception cref="StorageException">The folder is in use or cannot be written.</exception>
    public static void Write(Database database, string folder, bool keepsLinks, Action<string> addFiles)
    {
        using FolderLock folderLock = FolderLock.Take(folder);
        if (CertificateStore.Exists(folder))
            throw new StorageException(StorageErrorKind.NotWritable, $"There is a store in {folder} already.");
        BulkLoader.DeleteLeftovers(folder);
        string building = Path.Combine(folder, BulkLoader.BuildFolder);
        try
        {
            CreateCheckpoint(database, building);
            Prepare(building, keepsLinks);
            addFiles(folder);
            Directory.Move(building, Path.Combine(folder, CertificateStore.DatabaseFolder));
            FolderSync.Flush(folder);
        }
        catch
        {
            BulkLoader.DeleteLeftovers(folder);
            throw;
        }
    }

    private static void CreateCheckpoint(Database database, string folder)
    {
        nint checkpoint = Native.Instance.rocksdb_checkpoint_object_create(database.Rocks.Handle);
        try
        {
            Native.Instance.rocksdb_checkpoint_create(checkpoint, folder, AlwaysFlush);
        }
        finally
        {
            Native.Instance.rocksdb_checkpoint_object_destroy(checkpoint);
        }
    }

    private static void Prepare(string folder, bool keepsLinks)
    {
        using (Database copy = Database.OpenAsIs(folder))
        {
            using var batch = new WriteBatch();
            StoreState.MarkRestored(batch, copy, restored: true);
            copy.WriteSynced(batch);
            if (!keepsLinks)
                copy.Drop(Family.Links);
        }

        // Makes the dropped family anew, empty.
        using (Database.OpenAsIs(folder))
        {
        }
    }
}
