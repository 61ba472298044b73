using RocksDbSharp;

namespace Sks.Storage;

/// <summary>RocksDB with our families: how it is opened and tuned. Knows nothing about what is in it.</summary>
internal sealed class Database : IDisposable
{
    private const ulong BlockCacheBytes = 64 << 20;
    private const ulong WriteBufferBytes = 16 << 20;
    private const ulong TotalWriteBufferBytes = 64 << 20;
    private const ulong MaxWalBytes = 256 << 20;
    private const int BloomBitsPerKey = 10;

    private static readonly WriteOptions Synced = new WriteOptions().SetSync(true);

    private readonly ColumnFamilyHandle[] _families;
    private bool _disposed;

    private Database(RocksDb rocks)
    {
        Rocks = rocks;
        _families = new ColumnFamilyHandle[FamilyNames.All.Count];
        foreach ((Family family, string name) in FamilyNames.All)
            _families[(int)family] = rocks.GetColumnFamily(name);
    }

    /// <summary>The database itself.</summary>
    public RocksDb Rocks { get; }

    /// <summary>The handle of a family.</summary>
    public ColumnFamilyHandle this[Family family] => _families[(int)family];

    /// <summary>Opens the database in <paramref name="folder"/>, creating it when there is none.</summary>
    /// <exception cref="StorageException">It is locked, holds families that this release does not know, or cannot be opened.</exception>
    public static Database Open(string folder) => Open(folder, compacts: true);

    /// <summary>Does the same, and leaves the tables as they are: nothing is compacted.</summary>
    /// <exception cref="StorageException">As above.</exception>
    public static Database OpenAsIs(string folder) => Open(folder, compacts: false);

    private static Database Open(string folder, bool compacts)
    {
        RefuseUnknownFamilies(folder);
        int leaveAlone = compacts ? 0 : 1;
        var families = new ColumnFamilies(FamilyOptions(Family.Meta).SetDisableAutoCompactions(leaveAlone));
        foreach ((Family family, string name) in FamilyNames.All)
            families.Add(name, FamilyOptions(family).SetDisableAutoCompactions(leaveAlone));

        DbOptions options = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            .IncreaseParallelism(Math.Max(2, Environment.ProcessorCount))
            .SetDbWriteBufferSize(TotalWriteBufferBytes)
            .SetMaxTotalWalSize(MaxWalBytes)
            .SetKeepLogFileNum(3)
            .SetInfoLogLevel(InfoLogLevel.Warn);
        try
        {
            return new Database(RocksDb.Open(options, folder, families));
        }
        catch (RocksDbException e)
        {
            throw Explain(e, folder);
        }
    }

    /// <summary>Writes a batch and waits until it is on disk.</summary>
    public void WriteSynced(WriteBatch batch) => Rocks.Write(batch, Synced);

    /// <summary>Removes a family with all that is in it. Opening the database makes it anew; until then it must not be used.</summary>
    public void Drop(Family family) => Rocks.DropColumnFamily(FamilyNames.All.Single(known => known.Family == family).Name);

    /// <summary>Options of one family, also for files that are built outside.</summary>
    public static ColumnFamilyOptions FamilyOptions(Family family)
    {
        bool holdsCertificates = family == Family.Certificates;
        BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetBlockCache(SharedCache.Instance)
            .SetFilterPolicy(BloomFilterPolicy.Create(BloomBitsPerKey, false))
            .SetFormatVersion(5)
            .SetBlockSize(holdsCertificates ? 16UL << 10 : 4UL << 10)
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true);
        return new ColumnFamilyOptions()
            .SetWriteBufferSize(WriteBufferBytes)
            .SetLevelCompactionDynamicLevelBytes(true)
            .SetCompression(Compression.Lz4)
            .SetBlockBasedTableFactory(table);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
            Rocks.Dispose();
        _disposed = true;
    }

    /// <summary>Whether an error of RocksDB means that the disk cannot be written, and nothing worse.</summary>
    public static bool MeansNotWritable(RocksDbException error) =>
        error.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("Disk quota exceeded", StringComparison.OrdinalIgnoreCase);

    private static void RefuseUnknownFamilies(string folder)
    {
        if (!RocksDb.TryListColumnFamilies(new DbOptions(), folder, out string[] present))
            return;
        string? unknown = present.FirstOrDefault(name => name != "default" && FamilyNames.All.All(known => known.Name != name));
        if (unknown is not null)
        {
            throw new StorageException(
                StorageErrorKind.UnknownFormat,
                $"The store in {folder} has a part '{unknown}' that this release does not know. It was written by a newer release: use that one.");
        }
    }

    /// <summary>What an error while opening means.</summary>
    public static StorageException Explain(RocksDbException error, string folder)
    {
        // "lock hold by current process", ".../LOCK: Resource temporarily unavailable"; but "block checksum mismatch" is none.
        if (error.Message.Contains("lock hold by", StringComparison.Ordinal) || error.Message.Contains("/LOCK:", StringComparison.Ordinal))
            return new StorageException(StorageErrorKind.Locked, $"The store in {folder} is open in another process.", error);
        return MeansNotWritable(error)
            ? new StorageException(StorageErrorKind.NotWritable, $"The store in {folder} cannot be written: {error.Message}", error)
            : new StorageException(StorageErrorKind.Corrupt, $"The store in {folder} cannot be opened: {error.Message}", error);
    }

    private static class SharedCache
    {
        public static readonly Cache Instance = Cache.CreateLru(BlockCacheBytes);
    }
}
