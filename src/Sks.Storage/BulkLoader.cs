using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>What a bulk load has done so far.</summary>
/// <param name="Added">Certificates that were new.</param>
/// <param name="Updated">Certificates that brought something new.</param>
/// <param name="Unchanged">Certificates that brought nothing.</param>
/// <param name="Rejected">Certificates that were not accepted.</param>
public sealed record BulkCounts(long Added, long Updated, long Unchanged, long Rejected);

/// <summary>Loads many certificates into a store that no node has open, by sorted tables instead of the write path.</summary>
/// <remarks>
/// <para>Ends with the same rows as the write path in every family but <see cref="Family.Changes"/> and <see cref="Family.Meta"/>: no change
/// records are written, and the change log starts over with a new incarnation.</para>
/// <para>Without a store the load is built aside and put in place by <see cref="Finish"/>: before, there is nothing. The partition tree is built at the end, from all digests. Into an existing
/// store the certificates of each chunk go in before what is derived from them, under a mark that makes the next start
/// rebuild the derived families when the load was cut off.</para>
/// <para>A load goes in chunks, and a chunk in three steps: <see cref="Claim"/> in the order of the input, <see cref="Stage"/> in parallel, and
/// <see cref="Flush"/>, which ends the chunk.</para>
/// </remarks>
public sealed class BulkLoader : IDisposable
{
    internal const string BuildFolder = "db.building";
    private const string TableFolder = "db.tables";

    private readonly string _folder;
    private readonly BulkMerge _merge;
    private readonly IReadOnlyList<Dialect> _complete;
    private readonly FolderLock _lock;
    private readonly bool _buildsAside;
    private readonly bool _isResumable;
    private readonly TreeShape _treeShape;
    private readonly Database _database;
    private readonly StoreState _before;
    private readonly StoreState _after;
    private readonly HashSet<CertificateIdentity> _claimed = [];
    private readonly Dictionary<CertificateIdentity, List<Certificate>> _postponed = [];
    private readonly ConcurrentBag<BulkStage> _stages = [];
    private readonly Lock _countsLock = new();
    private BulkCounts _counts = new(0, 0, 0, 0);
    private int _tables;
    private bool _mayExist;
    private int _disposed;

    private BulkLoader(
        StoreOptions options,
        Func<StoredCertificate?, Certificate, CertificateViews?> merge,
        FolderLock folderLock,
        bool buildsAside,
        bool isResumable,
        Database database,
        StoreState state,
        (IReadOnlyList<Dialect> Maintained, IReadOnlyList<Dialect> Complete) dialects)
    {
        _folder = options.Folder;
        _complete = dialects.Complete;
        _merge = new BulkMerge(new StoreReader(database, new ReadOptions()), options.Policies, dialects.Maintained, merge);
        _lock = folderLock;
        _buildsAside = buildsAside;
        _isResumable = isResumable;
        _treeShape = options.TreeShapeFor(database);
        _database = database;
        _before = state;
        _after = state.Renew(state.Certificates);
        _mayExist = state.Certificates > 0;
    }

    /// <summary>What has been done so far.</summary>
    public BulkCounts Counts => _counts;

    /// <summary>Opens a folder for a load; a store in it must not be open anywhere.</summary>
    /// <param name="folder">Folder of the store; created when missing.</param>
    /// <param name="merge">
    /// Given what is stored (null when nothing is) and a version that comes in: what is to be stored, with views of all policies that
    /// <see cref="StoreOptions.Policies"/> names; null when the version is not accepted. For concurrent use.
    /// </param>
    /// <exception cref="StorageException">The store is locked, of another format, or cannot be written.</exception>
    public static BulkLoader Open(string folder, Func<StoredCertificate?, Certificate, CertificateViews?> merge) =>
        Open(new StoreOptions { Folder = folder }, merge);

    /// <inheritdoc cref="Open(string, Func{StoredCertificate, Certificate, CertificateViews})"/>
    public static BulkLoader Open(StoreOptions options, Func<StoredCertificate?, Certificate, CertificateViews?> merge) =>
        Open(options, merge, isResumable: false);

    /// <summary>Does the same for a load that can be taken up again where <see cref="Keep"/> was called last, whatever ends it before <see cref="Finish"/>.</summary>
    /// <remarks>Until then the folder has no store if it had none. Opening it for anything else gives what was loaded up, or makes it final where there was a store.</remarks>
    public static BulkLoader OpenResumable(StoreOptions options, Func<StoredCertificate?, Certificate, CertificateViews?> merge) =>
        Open(options, merge, isResumable: true);

    private static BulkLoader Open(StoreOptions options, Func<StoredCertificate?, Certificate, CertificateViews?> merge, bool isResumable)
    {
        string folder = options.Folder;
        FolderLock folderLock = FolderLock.Take(folder);
        Database? database = null;
        try
        {
            bool buildsAside = !CertificateStore.Exists(folder);
            DeleteLeftovers(folder, keepsBuild: isResumable && buildsAside && LoadJournal.IsUnfinished(Path.Combine(folder, BuildFolder)));
            Directory.CreateDirectory(Path.Combine(folder, TableFolder));
            database = Database.Open(Path.Combine(folder, buildsAside ? BuildFolder : CertificateStore.DatabaseFolder));
            bool hasOtherRules = ViewCoverage.Read(database).Rules != CertificateExamination.RulesVersion;
            StoreState state = CertificateStore.OpenState(database, options);
            (IReadOnlyList<Dialect> Maintained, IReadOnlyList<Dialect> Complete) dialects = DialectTrees.Open(database, options.Dialects, hasOtherRules);
            var loader = new BulkLoader(options, merge, folderLock, buildsAside, isResumable, database, state, dialects);
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

    /// <summary>All restrictions in the store that is loaded into.</summary>
    /// <exception cref="StorageException">A row is damaged.</exception>
    public IReadOnlyList<RestrictionRow> ReadRestrictions() => RestrictionRows.Read(_database);

    /// <summary>The names that <see cref="Keep"/> was given before the load was cut off.</summary>
    public IReadOnlySet<string> ReadKept() => LoadJournal.Read(_database);

    /// <summary>Writes the chunk, and notes that what has these names is loaded.</summary>
    /// <param name="names">Anything that says what was loaded.</param>
    /// <exception cref="StorageException">The disk cannot be written; give the load up.</exception>
    public void Keep(IEnumerable<string> names)
    {
        Flush();
        Explain(() => LoadJournal.Add(_database, names));
    }

    /// <summary>Loads some certificates as a chunk of their own; versions of one certificate are merged in the order they come.</summary>
    /// <exception cref="StorageException">The disk cannot be written; give the load up.</exception>
    public void Load(IReadOnlyCollection<Certificate> certificates)
    {
        Stage(Claim(certificates));
        Flush();
    }

    /// <summary>
    /// Takes certificates into the chunk, and returns those to be staged now. The others are further versions of certificates
    /// of the same chunk: they are merged, in the order they came, when the first is in the store. Not for concurrent use.
    /// </summary>
    public IReadOnlyList<Certificate> Claim(IReadOnlyCollection<Certificate> certificates)
    {
        var firsts = new List<Certificate>(certificates.Count);
        foreach (Certificate certificate in certificates)
        {
            if (_claimed.Add(certificate.Identity))
                firsts.Add(certificate);
            else if (_postponed.TryGetValue(certificate.Identity, out List<Certificate>? versions))
                versions.Add(certificate);
            else
                _postponed.Add(certificate.Identity, [certificate]);
        }

        return firsts;
    }

    /// <summary>Works out what has to be written for claimed certificates. For concurrent use, also beside <see cref="Claim"/>.</summary>
    public void Stage(IReadOnlyList<Certificate> claimed) => StageAll(claimed.Select(static certificate => new[] { certificate }));

    /// <summary>Writes the chunk: gives its memory back and makes it visible to the next. Not beside the other methods.</summary>
    /// <exception cref="StorageException">The disk cannot be written; give the load up.</exception>
    public void Flush()
    {
        Explain(Ingest);
        StageAll(_postponed.Values);
        _postponed.Clear();
        _claimed.Clear();
        Explain(Ingest);
    }

    /// <summary>Makes the load final: from now on it is the store.</summary>
    /// <exception cref="StorageException">The disk cannot be written; give the load up.</exception>
    public void Finish()
    {
        Flush();
        Explain(FinishLoad);
    }

    /// <summary>Closes. Without <see cref="Finish"/> a load that was built aside is gone, unless it can be resumed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _database.Dispose();
        DeleteLeftovers(_folder, keepsBuild: _isResumable);
        _lock.Dispose();
    }

    /// <summary>Removes what an interrupted load left beside the store, whose lock the caller holds.</summary>
    internal static void DeleteLeftovers(string folder, bool keepsBuild = false)
    {
        try
        {
            DeleteFolder(Path.Combine(folder, TableFolder));
            if (!keepsBuild)
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

    private void StageAll(IEnumerable<IReadOnlyList<Certificate>> certificates)
    {
        BulkStage stage = _stages.TryTake(out BulkStage? free) ? free : new BulkStage();
        var sum = new BulkCounts(0, 0, 0, 0);
        foreach (IReadOnlyList<Certificate> versions in certificates)
        {
            (PreparedChange? change, BulkCounts counts) = _merge.Prepare(versions, _mayExist);
            sum = Add(sum, counts);
            if (change is not null)
                stage.Add(change, _after.Sequence);
        }

        _stages.Add(stage);
        lock (_countsLock)
            _counts = Add(_counts, sum);
    }

    private void FinishLoad()
    {
        StoreState state = _after with { Certificates = _before.Certificates + _counts.Added };
        TreeSummary tree = TreeFamily.Rebuild(_database, _treeShape, KeyCodec.SksProfile);
        DialectTrees.Build(_database, _complete);
        using (var batch = new WriteBatch())
        {
            tree.Write(batch, _database, KeyCodec.SksProfile);
            DerivedFamilies.ClearChanges(batch, _database, state);
            state.Write(batch, _database);
            StoreState.MarkBulk(batch, _database, unfinished: false);
            LoadJournal.Delete(batch, _database);
            _database.WriteSynced(batch);
        }

        _database.Dispose();
        if (_buildsAside)
        {
            Directory.Move(Path.Combine(_folder, BuildFolder), Path.Combine(_folder, CertificateStore.DatabaseFolder));
            FolderSync.Flush(_folder);
        }
    }

    private void Ingest()
    {
        var all = new BulkStage();
        foreach (BulkStage stage in _stages)
            all.Append(stage);
        Dictionary<Family, string> tables = WriteTables(all);
        foreach (BulkStage stage in _stages)
            stage.Clear();

        // The certificates are in the store before anything that follows from them.
        foreach ((Family family, string table) in tables.OrderBy(static table => table.Key))
            _database.Rocks.IngestExternalFiles([table], new IngestExternalFileOptions().SetMoveFiles(true), _database[family]);
        _mayExist |= tables.Count > 0;
    }

    private Dictionary<Family, string> WriteTables(BulkStage all)
    {
        Dictionary<Family, string> tables = all.Families
            .Where(family => all[family].Count > 0)
            .ToDictionary(static family => family, _ => Path.Combine(_folder, TableFolder, $"{++_tables}.sst"));
        try
        {
            Parallel.ForEach(
                Partitioner.Create(tables, EnumerablePartitionerOptions.NoBuffering),
                table => all[table.Key].WriteTable(table.Value, Database.FamilyOptions(table.Key)));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return tables;
    }
}
