using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>What a bulk load has done so far.</summary>
/// <param name="Added">Certificates that were new.</param>
/// <param name="Updated">Certificates that brought something new.</param>
/// <param name="Unchanged">Certificates that brought nothing.</param>
/// <param name="Rejected">Certificates whose union with what is stored was not accepted.</param>
public sealed record BulkCounts(long Added, long Updated, long Unchanged, long Rejected);

/// <summary>Loads many certificates into a store that no node has open, by sorted tables instead of the write path.</summary>
/// <remarks>
/// <para>Ends with the same rows as the write path in every family but <see cref="Family.Changes"/> and <see cref="Family.Meta"/>: no change
/// records are written, and the change log starts over with a new incarnation.</para>
/// <para>Without a store the load is built aside and put in place by <see cref="Finish"/>: before, there is nothing. Into an existing
/// store the certificates of each chunk go in before what is derived from them, under a mark that makes the next start
/// rebuild the derived families when the load was cut off.</para>
/// </remarks>
public sealed class BulkLoader : IDisposable
{
    private const string BuildFolder = "db.building";
    private const string TableFolder = "db.tables";

    private readonly string _folder;
    private readonly Func<Certificate, Certificate, Certificate?> _merge;
    private readonly FolderLock _lock;
    private readonly bool _buildsAside;
    private readonly Database _database;
    private readonly StoreReader _reader;
    private readonly StoreState _before;
    private readonly StoreState _after;
    private BulkCounts _counts = new(0, 0, 0, 0);
    private int _tables;
    private int _disposed;

    private BulkLoader(
        string folder, Func<Certificate, Certificate, Certificate?> merge, FolderLock folderLock, bool buildsAside, Database database, StoreState state)
    {
        _folder = folder;
        _merge = merge;
        _lock = folderLock;
        _buildsAside = buildsAside;
        _database = database;
        _reader = new StoreReader(database, new ReadOptions());
        _before = state;
        _after = state.Renew(state.Certificates);
    }

    /// <summary>What has been done so far.</summary>
    public BulkCounts Counts => _counts;

    /// <summary>Opens a folder for a load; a store in it must not be open anywhere.</summary>
    /// <param name="folder">Folder of the store; created when missing.</param>
    /// <param name="merge">The union of what is stored and a version that comes in; null when it is not to be stored.</param>
    /// <exception cref="StorageException">The store is locked, of another format, or cannot be written.</exception>
    public static BulkLoader Open(string folder, Func<Certificate, Certificate, Certificate?> merge)
    {
        FolderLock folderLock = FolderLock.Take(folder);
        Database? database = null;
        try
        {
            DeleteLeftovers(folder);
            Directory.CreateDirectory(Path.Combine(folder, TableFolder));
            bool buildsAside = !CertificateStore.Exists(folder);
            database = Database.Open(Path.Combine(folder, buildsAside ? BuildFolder : CertificateStore.DatabaseFolder));
            StoreState state = CertificateStore.OpenState(database, folder);
            var loader = new BulkLoader(folder, merge, folderLock, buildsAside, database, state);
            loader.Begin();
            return loader;
        }
        catch
        {
            database?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Loads some certificates; versions of one certificate are merged in the order they come, as by the write path. Not for concurrent use.</summary>
    /// <exception cref="StorageException">The disk cannot be written; give the load up.</exception>
    public void Load(IReadOnlyCollection<Certificate> certificates)
    {
        Dictionary<CertificateIdentity, List<Certificate>> versions = [];
        foreach (Certificate certificate in certificates)
        {
            if (!versions.TryGetValue(certificate.Identity, out List<Certificate>? known))
                versions.Add(certificate.Identity, known = []);
            known.Add(certificate);
        }

        bool mayExist = _before.Certificates + _counts.Added > 0;
        (PreparedChange? Change, BulkCounts Counts)[] prepared = [.. versions.Values.AsParallel().Select(known => Prepare(known, mayExist))];
        PreparedChange[] changes = [.. prepared.Select(static p => p.Change).OfType<PreparedChange>()];
        if (changes.Length > 0)
            Explain(() => Ingest(changes));
        _counts = prepared.Aggregate(_counts, static (sum, p) => Add(sum, p.Counts));
    }

    /// <summary>Makes the load final: from now on it is the store.</summary>
    /// <exception cref="StorageException">The disk cannot be written; give the load up.</exception>
    public void Finish() => Explain(FinishLoad);

    /// <summary>Closes. Without <see cref="Finish"/> a load that was built aside is gone.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _database.Dispose();
        DeleteLeftovers(_folder);
        _lock.Dispose();
    }

    /// <summary>Removes what an interrupted load left beside the store, whose lock the caller holds.</summary>
    internal static void DeleteLeftovers(string folder)
    {
        try
        {
            DeleteFolder(Path.Combine(folder, TableFolder));
            DeleteFolder(Path.Combine(folder, BuildFolder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {folder} cannot be written: {e.Message}", e);
        }
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static BulkCounts Add(BulkCounts left, BulkCounts right) => new(
        left.Added + right.Added, left.Updated + right.Updated, left.Unchanged + right.Unchanged, left.Rejected + right.Rejected);

    private void Explain(Action work)
    {
        try
        {
            work();
        }
        catch (RocksDbException e)
        {
            throw Database.Explain(e, _folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {_folder} cannot be written: {e.Message}", e);
        }
    }

    private void Begin()
    {
        using var batch = new WriteBatch();
        StoreState.MarkBulk(batch, _database, unfinished: true);
        _database.WriteSynced(batch);
    }

    // The versions of one certificate, one after the other upon what is stored.
    private (PreparedChange? Change, BulkCounts Counts) Prepare(List<Certificate> versions, bool mayExist)
    {
        StoredCertificate? stored = mayExist ? _reader.Find(versions[0].Identity) : null;
        SksDigest? digest = stored?.SksDigest;
        Certificate? before = null;
        Certificate? current = null;
        var counts = new BulkCounts(0, 0, 0, 0);
        foreach (Certificate version in versions)
        {
            if (digest is null)
            {
                current = version;
                digest = version.Digest;
                counts = counts with { Added = 1 };
                continue;
            }

            Certificate? union = version;
            if (version.Digest != digest)
            {
                current ??= before ??= stored!.ReadFullView();
                union = _merge(current, version);
            }

            if (union is null)
            {
                counts = counts with { Rejected = counts.Rejected + 1 };
            }
            else if (union.Digest == digest)
            {
                counts = counts with { Unchanged = counts.Unchanged + 1 };
            }
            else
            {
                current = union;
                digest = union.Digest;
                counts = counts with { Updated = counts.Updated + 1 };
            }
        }

        if (digest == stored?.SksDigest)
            return (null, counts);
        return (PreparedChange.Create(current!, stored is null ? null : (stored, before!), ChangeSource.Import), counts);
    }

    private void FinishLoad()
    {
        StoreState state = _after with { Certificates = _before.Certificates + _counts.Added };
        using (var batch = new WriteBatch())
        {
            DerivedFamilies.ClearChanges(batch, _database, state);
            state.Write(batch, _database);
            StoreState.MarkBulk(batch, _database, unfinished: false);
            _database.WriteSynced(batch);
        }

        _database.Dispose();
        if (_buildsAside)
        {
            Directory.Move(Path.Combine(_folder, BuildFolder), Path.Combine(_folder, CertificateStore.DatabaseFolder));
            FolderSync.Flush(_folder);
        }
    }

    private void Ingest(PreparedChange[] changes)
    {
        var certificates = new List<TableRow>(changes.Length);
        Dictionary<Family, List<TableRow>> derived = FamilyNames.Derived.ToDictionary(static f => f, static _ => new List<TableRow>());
        foreach (PreparedChange change in changes)
        {
            CertificateRecord.WriteVersion(change.Record, _after.Sequence);
            certificates.Add(new TableRow(change.Identity.Span.ToArray(), change.Record));
            foreach (DerivedRow row in change.Deletes)
                derived[row.Family].Add(new TableRow(row.Key, null));
            foreach (DerivedRow row in change.Puts)
                derived[row.Family].Add(new TableRow(row.Key, row.Value));
        }

        // The certificates are in the store before anything that follows from them.
        IngestTable(Family.Certificates, WriteTable(Family.Certificates, certificates));
        foreach ((Family family, string table) in derived.AsParallel().Where(static f => f.Value.Count > 0)
            .Select(f => (f.Key, WriteTable(f.Key, f.Value))).ToList())
        {
            IngestTable(family, table);
        }
    }

    private string WriteTable(Family family, List<TableRow> rows)
    {
        rows.Sort(static (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        string path = Path.Combine(_folder, TableFolder, $"{Interlocked.Increment(ref _tables)}.sst");
        using var writer = new SstFileWriter(new EnvOptions(), Database.FamilyOptions(family));
        writer.Open(path);
        for (int i = 0; i < rows.Count; i++)
        {
            // Keys must ascend; equal ones (a digest collision) leave the last.
            if (i + 1 < rows.Count && rows[i].Key.AsSpan().SequenceEqual(rows[i + 1].Key))
                continue;
            if (rows[i].Value is { } value)
                writer.Put(rows[i].Key, value);
            else
                writer.Delete(rows[i].Key);
        }

        writer.Finish();
        return path;
    }

    private void IngestTable(Family family, string path) =>
        _database.Rocks.IngestExternalFiles([path], new IngestExternalFileOptions().SetMoveFiles(true), _database[family]);

    private readonly record struct TableRow(byte[] Key, byte[]? Value);
}
