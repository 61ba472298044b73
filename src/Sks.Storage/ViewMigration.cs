using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>How far a migration has come.</summary>
/// <param name="Done">Certificates that were looked at.</param>
/// <param name="Total">Certificates there are, about.</param>
public readonly record struct ViewMigrationProgress(long Done, long Total);

/// <summary>Makes the clean views that certificates in a store do not have yet, while the store is in use.</summary>
/// <remarks>
/// <para>Needed when a release brings a new policy, other rules of verification, or the first one to a store of format 1. What comes in meanwhile
/// gets views of all maintained policies anyway. Views are handed to the writer like any other change; those of a policy that is not
/// served yet leave no change record. When the last certificate is done the newest policy becomes the one that is served, in the same
/// batch that notes it; views of both policies stay.</para>
/// <para>Goes through the certificates by identity, and notes how far it is after each step: wherever it is cut off, it goes on from there. Records
/// that cannot be read are left to <c>check</c>.</para>
/// </remarks>
public sealed class ViewMigration
{
    // In format 1 a megabyte of user IDs could call for a hundred megabytes of rows; clean views hold far less, but their makers choose what.
    private const int MaxStepBytes = 1 << 20;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Database _database;
    private readonly Func<StoreLease> _takeLease;
    private readonly StoreWriter _writer;
    private readonly ChangeLog _log;
    private readonly IReadOnlyList<CleanViewPolicy> _policies;
    private readonly TimeProvider _time;
    private readonly ViewCoverage _goal;
    private ViewMigrationCursor _cursor;

    internal ViewMigration(
        Database database, Func<StoreLease> takeLease, StoreWriter writer, ChangeLog log, IReadOnlyList<CleanViewPolicy> policies, TimeProvider time)
    {
        _database = database;
        _takeLease = takeLease;
        _writer = writer;
        _log = log;
        _policies = policies;
        _time = time;
        _goal = ViewCoverage.Of(policies);
        IsDone = ViewCoverage.Read(database).Covers(_goal);
        _cursor = ViewMigrationCursor.Read(database, _goal);
    }

    /// <summary>Whether every certificate has all its views.</summary>
    public bool IsDone { get; private set; }

    /// <summary>How far it is; both zero when there was nothing to do.</summary>
    public ViewMigrationProgress Progress
    {
        get
        {
            long done = Volatile.Read(ref _cursor).Done;
            return IsDone && done == 0 ? default : new ViewMigrationProgress(done, Math.Max(done, _log.State.Certificates));
        }
    }

    /// <summary>How many certificates are worked on at a time; at least one.</summary>
    internal int MaxStepRows { get; set; } = 512;

    /// <summary>Makes all views that are missing. One call at a time.</summary>
    /// <param name="cancellationToken">Stops; the next call goes on from there, also after a restart.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!IsDone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await StepAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
            {
                await Task.Delay(RetryInterval, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes the views of some certificates; when there are no more, the newest policy becomes the one that is served.</summary>
    internal async Task StepAsync(CancellationToken cancellationToken)
    {
        (byte[] last, int count, PreparedChange[] changes) = await Task.Run(() => PrepareStep(_cursor.Last), cancellationToken).ConfigureAwait(false);
        if (count == 0)
        {
            await _writer.RunExclusiveAsync(Finish, cancellationToken).ConfigureAwait(false);
            IsDone = true;
            return;
        }

        await Task.WhenAll(changes.Select(change => CommitAsync(change, cancellationToken))).ConfigureAwait(false);
        ViewMigrationCursor next = _cursor with { Done = _cursor.Done + count, Last = last };
        await _writer.RunExclusiveAsync(state => Note(state, next), cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _cursor, next);
    }

    // Half of the cores, so that service goes on.
    private (byte[] Last, int Count, PreparedChange[] Changes) PrepareStep(byte[] last)
    {
        using StoreLease lease = _takeLease();
        StoreReader reader = lease.Reader;
        List<byte[]> keys = reader.ReadKeysBehind(last, MaxStepRows, MaxStepBytes);
        var changes = new PreparedChange?[keys.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) };
        Parallel.For(0, keys.Count, options, i => changes[i] = Prepare(reader, keys[i]));
        return (keys.Count == 0 ? last : keys[^1], keys.Count, [.. changes.OfType<PreparedChange>()]);
    }

    // Null when there is nothing to do, or nothing that can be done.
    private PreparedChange? Prepare(StoreReader reader, byte[] key)
    {
        byte[]? record = reader.ReadRow(Family.Certificates, key);
        if (record is null)
            return null;
        try
        {
            StoredCertificate stored = CertificateRecord.Decode(CertificateIdentity.Read(key), record);
            return stored.IsBehind(_policies) && StoredViews.Read(stored).Examine(_policies) is { } examined
                ? PreparedChange.Create(examined, stored, ChangeSource.Upgrade, dialects: _writer.Dialects)
                : null;
        }
        catch (Exception e) when (e is StorageException { Kind: StorageErrorKind.Corrupt } or ArgumentException)
        {
            return null;
        }
    }

    private async Task CommitAsync(PreparedChange change, CancellationToken cancellationToken)
    {
        PreparedChange? pending = change;
        while (pending is not null)
        {
            if (await _writer.CommitAsync(pending, cancellationToken).ConfigureAwait(false) == CommitResult.Committed)
                return;

            // Whoever changed it meanwhile has made its views as well, but a look is cheap.
            using StoreLease lease = _takeLease();
            pending = Prepare(lease.Reader, change.Identity.Span.ToArray());
        }
    }

    private StoreState Note(StoreState state, ViewMigrationCursor cursor)
    {
        using var batch = new WriteBatch();
        cursor.Write(batch, _database);
        _database.WriteSynced(batch);
        return state;
    }

    private StoreState Finish(StoreState state)
    {
        StoreState served = state with { ServedPolicy = _policies[^1].Version };
        using var batch = new WriteBatch();
        served.Write(batch, _database);
        _goal.Write(batch, _database);
        ViewMigrationCursor.Delete(batch, _database);
        _database.WriteSynced(batch);
        return served;
    }
}
