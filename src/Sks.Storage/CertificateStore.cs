using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Certificates on disk: one database, one writer, any number of readers.</summary>
public sealed partial class CertificateStore : IAsyncDisposable
{
    internal const string DatabaseFolder = "db";
    private const int MaxChangesPerRead = 1000;

    private readonly FolderLock _lock;
    private readonly Database _database;
    private readonly StoreReader _reader;
    private readonly StoreWriter _writer;
    private readonly ChangeLog _log;
    private readonly FreeSpace _freeSpace;
    private readonly LeaseCounter _leases = new();
    private readonly StoreOptions _options;
    private readonly StorePurge _purge;
    private readonly TimeProvider _time;
    private volatile bool _stopsPurging;
    private int _disposed;

    private CertificateStore(FolderLock folderLock, Database database, StoreOptions options, StoreState state, bool hasOtherRules, TimeProvider time)
    {
        _lock = folderLock;
        _database = database;
        _reader = new StoreReader(database, new ReadOptions());
        _freeSpace = new FreeSpace(options.Folder, options.MinFreeDiskBytes);
        _log = new ChangeLog(database, options, state);
        _writer = new StoreWriter(database, options, _freeSpace, _log, DialectTrees.Open(database, options.Dialects, hasOtherRules), time);
        _options = options;
        _purge = new StorePurge(database, Path.Combine(options.Folder, DatabaseFolder));
        _time = time;
        ViewMigration = new ViewMigration(database, TakeLease, _writer, _log, options.Policies, time);
        DialectBuild = new DialectBuild(database, TakeLease, _writer, _log, options.Policies, time);
    }

    /// <summary>How many certificates are stored.</summary>
    public long Count => _log.State.Certificates;

    /// <summary>The policies whose clean views every change must bring, by ascending version.</summary>
    public IReadOnlyList<CleanViewPolicy> Policies => _options.Policies;

    /// <summary>Version of the policy whose clean views are served. Changes when <see cref="ViewMigration"/> has come to its end.</summary>
    public int ServedPolicy => _log.State.ServedPolicy;

    /// <summary>The policies of which every certificate has its clean view, by descending version; none while the first views are made.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<int> ReadCompletePolicies()
    {
        using StoreLease lease = TakeLease();
        return [.. ViewCoverage.Read(_database).Policies.OrderDescending()];
    }

    /// <summary>Makes clean views that are missing. Has to be run after opening, once.</summary>
    public ViewMigration ViewMigration { get; }

    /// <summary>The dialects whose digests every change must bring, by ascending profile.</summary>
    public IReadOnlyList<Dialect> Dialects => _writer.Dialects;

    /// <summary>Brings in dialects. Has to be run after opening, when <see cref="ViewMigration"/> is done, until the store closes.</summary>
    public DialectBuild DialectBuild { get; }

    /// <summary>The newest change.</summary>
    public ChangeCursor Newest => Cursors.Newest;

    /// <summary>The oldest cursor that <see cref="ReadChanges"/> can go on from.</summary>
    public ChangeCursor Oldest => Cursors.Oldest;

    /// <summary><see cref="Oldest"/> and <see cref="Newest"/> of one moment.</summary>
    public (ChangeCursor Oldest, ChangeCursor Newest) Cursors
    {
        get
        {
            StoreState state = _log.State;
            return (new(state.Incarnation, state.LogStart), new(state.Incarnation, state.Sequence));
        }
    }

    /// <summary>Whether writing works: the disk has room, and the last attempt did not fail. Becomes true again by itself.</summary>
    public bool IsWritable => !_writer.Completion.IsCompleted && _writer.IsDiskWritable && _freeSpace.IsEnough();

    /// <summary>Ends when the store can write no more; faulted when it was by something unexpected. The node must stop then.</summary>
    public Task WriterCompletion => _writer.Completion;

    /// <summary>Whether there is a store in a folder.</summary>
    public static bool Exists(string folder) => Directory.Exists(Path.Combine(folder, DatabaseFolder));

    /// <summary>Opens the store in a folder, creating it when there is none.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">Times of changes.</param>
    /// <exception cref="StorageException">The store is locked, of another format, damaged, or the folder cannot be written.</exception>
    public static CertificateStore Open(StoreOptions options, TimeProvider time)
    {
        FolderLock folderLock = FolderLock.Take(options.Folder);
        try
        {
            BulkLoader.DeleteLeftovers(options.Folder);
            Database database = Database.Open(Path.Combine(options.Folder, DatabaseFolder));
            try
            {
                StoreOptions settled = options with { TreeShape = options.TreeShapeFor(database) };
                bool hasOtherRules = ViewCoverage.Read(database).Rules != CertificateExamination.RulesVersion;
                StoreState state = OpenState(database, settled);
                EndLoad(database);
                return new CertificateStore(folderLock, database, settled, state, hasOtherRules, time);
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the store open until the lease is disposed.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public StoreLease TakeLease() => _leases.Take(_reader);

    /// <summary>The store as it is now, for reads that must be consistent as a whole.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public StoreSnapshot TakeSnapshot() => StoreSnapshot.Take(_database, TakeLease());

    /// <summary>Has a change written, and waits until it is on disk.</summary>
    /// <exception cref="StorageException">
    /// The store is closing and the change was not written; or the disk cannot be written, and the change is visible only if it was
    /// the very last thing to reach the disk before a crash.
    /// </exception>
    public Task<CommitResult> CommitAsync(PreparedChange change, CancellationToken cancellationToken) =>
        _writer.CommitAsync(change, cancellationToken);

    /// <summary>Counts the restrictions written since the store was opened, see <see cref="PreparedChange.RestrictionVersion"/>.</summary>
    public ulong RestrictionVersion => _writer.RestrictionVersion;

    /// <summary>Whether bytes were erased that may still be on disk: <see cref="PurgeAsync"/> has not come to its end since.</summary>
    public bool NeedsPurge
    {
        get
        {
            using StoreLease lease = TakeLease();
            return RestrictionRows.NeedsPurge(_database);
        }
    }

    /// <summary>All restrictions, in the order of origin and sequence.</summary>
    /// <exception cref="StorageException">The store is closing, or a row is damaged.</exception>
    public IReadOnlyList<RestrictionRow> ReadRestrictions()
    {
        using StoreLease lease = TakeLease();
        return RestrictionRows.Read(_database);
    }

    /// <summary>Has restrictions written with what follows from them, and waits until they are on disk.</summary>
    /// <exception cref="StorageException">As for changes of certificates.</exception>
    public Task<CommitResult> CommitAsync(RestrictionChange change, CancellationToken cancellationToken) =>
        _writer.CommitAsync(change, cancellationToken);

    /// <summary>Makes what was deleted disappear from the disk, which means to write the whole store anew. Reading and writing go on. One call at a time.</summary>
    /// <param name="patience">How long to wait for readers that are older, before and after.</param>
    /// <param name="cancellationToken">Gives up waiting. Rewriting itself ends early only when the store closes.</param>
    /// <exception cref="StorageException">The store is closing, or the disk cannot be written; <see cref="NeedsPurge"/> stays true.</exception>
    public async Task<PurgeResult> PurgeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using StoreLease lease = TakeLease();
        byte[]? mark = RestrictionRows.ReadMark(_database);
        bool isFinal = await _purge.WaitForSnapshotsAsync(patience, _time, cancellationToken).ConfigureAwait(false);
        try
        {
            IReadOnlyList<string> old = await Task.Run(_purge.Rewrite, cancellationToken).ConfigureAwait(false);
            await WriteAsideAsync(() => RestrictionRows.RewriteMark(_database), cancellationToken).ConfigureAwait(false);
            await Task.Run(_purge.ReplaceManifest, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<string> held = await StorePurge.WaitUntilGoneAsync(old, patience, _time, cancellationToken).ConfigureAwait(false);

            // Not before: whatever ends the process in between, the next one has to purge.
            bool isComplete = isFinal && held.Count == 0;
            if (isComplete && mark is not null)
                await WriteAsideAsync(() => RestrictionRows.MarkPurged(_database, mark), cancellationToken).ConfigureAwait(false);
            return new PurgeResult(isComplete, held);
        }
        catch (RocksDbException e) when (_stopsPurging)
        {
            throw new StorageException(StorageErrorKind.Closed, "The store is closing; erased bytes are purged after the next start.", e);
        }
        catch (RocksDbException e)
        {
            throw Database.Explain(e, _options.Folder);
        }
    }

    /// <summary>Has <see cref="PurgeAsync"/> end soon with an exception, now and whenever it is called: the store is about to close.</summary>
    public void StopPurging()
    {
        using StoreLease lease = TakeLease();
        _stopsPurging = true;
        StorePurge.Stop(_database);
    }

    /// <summary>Some committed changes behind <paramref name="sequence"/>, oldest first; empty when there are none yet.</summary>
    public IReadOnlyList<Change> ReadChanges(ulong sequence)
    {
        using StoreLease lease = TakeLease();
        ulong newest = _log.State.Sequence;
        return [.. _log.Read(sequence).TakeWhile(change => change.Sequence <= newest).Take(MaxChangesPerRead)];
    }

    /// <summary>Waits until there is a change behind <paramref name="sequence"/>.</summary>
    /// <exception cref="StorageException">The store is closed.</exception>
    public Task WaitForChangeAsync(ulong sequence, CancellationToken cancellationToken) => _log.WaitAsync(sequence, cancellationToken);

    /// <summary>Changes per hour of the last 31 days, oldest first.</summary>
    public IReadOnlyList<HourlyChanges> ReadHistory()
    {
        using StoreLease lease = TakeLease();
        return ChangeHistory.Read(_database);
    }

    /// <summary>Compares all views, verdicts, digests, indexes, counters and the partition tree with the packets they follow from.</summary>
    /// <param name="progress">Told the number of certificates looked at so far.</param>
    /// <param name="cancellationToken">Stops early.</param>
    public StoreCheckResult Check(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using StoreSnapshot snapshot = TakeSnapshot();
        return new StoreCheck(snapshot, _options.Policies, _options.TreeShape!).Run(progress, cancellationToken);
    }

    /// <summary>Rebuilds all views, verdicts, digests, indexes, counters and the partition tree from the packets. Reading goes on, but finds less until it is done; writing waits.</summary>
    public Task RepairAsync(CancellationToken cancellationToken) =>
        RunExclusiveAsync(
            state =>
            {
                StoreState repaired = DerivedFamilies.Rebuild(_database, state, _options.TreeShape!, _options.Policies, Dialects);
                _writer.Complete(Dialects);
                return repaired;
            },
            cancellationToken);

    private Task WriteAsideAsync(Action write, CancellationToken cancellationToken) => RunExclusiveAsync(
        state =>
        {
            write();
            return state;
        },
        cancellationToken);

    /// <inheritdoc cref="StoreWriter.RunExclusiveAsync"/>
    internal Task RunExclusiveAsync(Func<StoreState, StoreState> job, CancellationToken cancellationToken) =>
        _writer.RunExclusiveAsync(job, cancellationToken);

    /// <summary>Writes what waits, waits for readers, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        StopPurging();
        await _writer.StopAsync().ConfigureAwait(false);
        _log.Close();
        await _leases.DrainAsync().ConfigureAwait(false);
        _database.Dispose();
        _lock.Dispose();
    }

    /// <summary>Reads the counters, creating those of a new store, finishes a bulk import that was cut off, upgrades older formats, and builds the tree when it is not as it must be.</summary>
    internal static StoreState OpenState(Database database, StoreOptions options)
    {
        try
        {
            TreeShape shape = options.TreeShapeFor(database);
            ViewCoverage maintained = ViewCoverage.Of(options.Policies);
            int newest = maintained.Policies[^1];
            StoreState? before = StoreState.Read(database, options.Folder);
            ViewCoverage? coverageBefore = before is null ? null : ViewCoverage.Read(database);
            if (before is not null && StoreState.IsRestored(database))
                before = BeginAnew(database, before);
            if (before is not null && StoreState.IsBulkUnfinished(database))
                before = DerivedFamilies.Rebuild(database, before, shape);

            // An older policy is served as long as its views are kept up and the newest one's are not complete.
            ViewCoverage coverage = coverageBefore?.Within(maintained) ?? maintained;
            StoreState state = before ?? StoreState.CreateNew(newest);
            bool servesOlder = !coverage.Policies.Contains(newest) && maintained.Policies.Contains(state.ServedPolicy);
            state = state with { ServedPolicy = servesOlder ? state.ServedPolicy : newest };
            TreeSummary? tree = TreeFamily.FindSound(database, shape, KeyCodec.SksProfile);
            if (tree is not null && state == before && coverageBefore is not null && coverage.Encode().AsSpan().SequenceEqual(coverageBefore.Encode()))
                return state;

            tree ??= TreeFamily.Rebuild(database, shape, KeyCodec.SksProfile);
            using var batch = new WriteBatch();
            tree.Write(batch, database, KeyCodec.SksProfile);
            state.Write(batch, database);
            coverage.Write(batch, database);
            database.WriteSynced(batch);
            return state;
        }
        catch (RocksDbException e)
        {
            throw Database.Explain(e, options.Folder);
        }
    }

    // From now on the store changes: a load that was cut off must not go on as if it had not.
    private static void EndLoad(Database database)
    {
        if (LoadJournal.Read(database).Count == 0)
            return;
        using var batch = new WriteBatch();
        LoadJournal.Delete(batch, database);
        database.WriteSynced(batch);
    }

    // In one batch: whatever ends the process, the store is a backup still or a store of its own.
    private static StoreState BeginAnew(Database database, StoreState state)
    {
        StoreState renewed = state.Renew(state.Certificates);
        using var batch = new WriteBatch();
        DerivedFamilies.ClearChanges(batch, database, renewed);
        renewed.Write(batch, database);
        StoreState.MarkRestored(batch, database, restored: false);
        database.WriteSynced(batch);
        return renewed;
    }
}
