using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>The one writer: groups changes, writes each group in one synced batch, then answers.</summary>
/// <remarks>
/// <para>Contract. One loop, nothing concurrent. A group is written whole or not at all, over all families, counters and change
/// records included, and nobody is answered before it is on disk. A change whose certificate was changed since it was worked out,
/// in the store or earlier in the same group, is answered with <see cref="CommitResult.Conflict"/> and costs nothing else. A record
/// that only got views which nobody is served yet is written without a change record.</para>
/// <para>While a group is being synced the next one gathers in the queue: the slower the disk, the larger the groups. There is
/// no timer. The queue is bounded; when it is full, callers wait.</para>
/// <para>When the disk is full or read-only the group fails and the writer goes on; it tries again every second, so that it is
/// known to work when it does. RocksDB resumes by itself within five seconds after a full disk has at least 16 MiB again (measured),
/// with what it had acknowledged and nothing else; a failed group that reached the log all the same comes back only by a crash before
/// that, counters included. After other errors of the disk RocksDB refuses to write until it is opened anew: when it still
/// does so a minute after the disk takes writes again, the writer ends, so that the process is started again.</para>
/// <para>Anything unexpected ends the writer for good, which <see cref="Completion"/> tells the node, as going on could lose
/// data.</para>
/// </remarks>
internal sealed partial class StoreWriter
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRefusal = TimeSpan.FromMinutes(1);

    private readonly Database _database;
    private readonly StoreOptions _options;
    private readonly FreeSpace _freeSpace;
    private readonly TimeProvider _time;
    private readonly ChangeLog _log;
    private readonly Channel<WorkItem> _queue;
    private readonly Dictionary<CertificateIdentity, ulong> _groupVersions = [];
    private readonly List<PendingChange> _accepted = [];
    private readonly List<PendingChange> _conflicts = [];
    private readonly VersionReader _versionReader = new();
    private readonly DiskProbe _disk;
    private volatile bool _isDiskWritable = true;
    private long? _refusedSince;

    public StoreWriter(
        Database database,
        StoreOptions options,
        FreeSpace freeSpace,
        ChangeLog log,
        (IReadOnlyList<Dialect> Maintained, IReadOnlyList<Dialect> Complete) dialects,
        TimeProvider time)
    {
        _database = database;
        _options = options;
        _freeSpace = freeSpace;
        _disk = new DiskProbe(options.Folder, freeSpace);
        _trees = [new DigestTree(database, options.TreeShapeFor(database), KeyCodec.SksProfile)];
        Maintain(dialects.Maintained);
        Complete(dialects.Complete);
        _log = log;
        _time = time;
        _queue = Channel.CreateBounded<WorkItem>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        Completion = Task.Run(RunAsync);
    }

    /// <summary>Ends when the writer does; faulted when it ended by something unexpected.</summary>
    public Task Completion { get; }

    /// <summary>Whether the last attempt to write did not fail.</summary>
    public bool IsDiskWritable => _isDiskWritable;

    /// <summary>Hands a change in and waits until it is on disk or refused.</summary>
    /// <remarks>Cancellation can take back a change that waits for a place in the queue, never one that has it.</remarks>
    public async Task<CommitResult> CommitAsync(PreparedChange change, CancellationToken cancellationToken)
    {
        var pending = new PendingChange(change);
        await EnqueueAsync(pending, cancellationToken).ConfigureAwait(false);
        return await pending.Answer.Task.ConfigureAwait(false);
    }

    /// <summary>Runs a job on the writer's loop, between two groups: nothing is written meanwhile but by the job.</summary>
    /// <param name="job">Given the counters; returns those that hold afterwards, which it has written.</param>
    /// <param name="cancellationToken">Takes the job back while it waits for a place in the queue.</param>
    public async Task RunExclusiveAsync(Func<StoreState, StoreState> job, CancellationToken cancellationToken)
    {
        var exclusive = new ExclusiveJob(job);
        await EnqueueAsync(exclusive, cancellationToken).ConfigureAwait(false);
        await exclusive.Done.Task.ConfigureAwait(false);
    }

    /// <summary>Takes no more changes, writes those that wait, and ends.</summary>
    public async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        try
        {
            while (await WaitForWorkAsync().ConfigureAwait(false))
            {
                _queue.Reader.TryPeek(out WorkItem? next);
                if (next is ExclusiveJob job)
                    Run(job);
                else if (next is PendingRestriction restriction)
                    Write(restriction);
                else if (next is PendingLinks links)
                    Write(links);
                else
                    WriteGroup();
            }
        }
        catch (Exception e)
        {
            _queue.Writer.TryComplete();
            Fail(new StorageException(StorageErrorKind.Closed, "The store has stopped after an unexpected error.", e));
            throw;
        }
    }

    // While the disk cannot be written, waits in steps and tries whether it can.
    private async Task<bool> WaitForWorkAsync()
    {
        Task<bool> arrival = _queue.Reader.WaitToReadAsync().AsTask();
        while (!_isDiskWritable && !arrival.IsCompleted)
        {
            await Task.WhenAny(arrival, Task.Delay(ProbeInterval, _time)).ConfigureAwait(false);
            if (arrival.IsCompleted)
                break;
            using var batch = new WriteBatch();
            _log.State.Write(batch, _database);
            TryWrite(batch, out _);
        }

        return await arrival.ConfigureAwait(false);
    }

    private async Task EnqueueAsync(WorkItem item, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new StorageException(StorageErrorKind.Closed, "The store is closed.", e);
        }
    }

    private void Run(ExclusiveJob job)
    {
        _queue.Reader.TryRead(out _);
        try
        {
            _log.Advance(job.Job(_log.State));
            job.Done.TrySetResult();
        }
        catch (RocksDbException e) when (Database.MeansNotWritable(e))
        {
            // What the job has begun, the next start begins anew; it loses no packet.
            _isDiskWritable = false;
            job.Fail(new StorageException(StorageErrorKind.NotWritable, "The disk cannot be written.", e));
        }
        catch (Exception e)
        {
            job.Done.TrySetException(new StorageException(StorageErrorKind.Closed, "The store has stopped in the middle of a repair.", e));
            throw;
        }
        finally
        {
            foreach (DigestTree tree in _trees)
                tree.Forget();
        }
    }

    private void WriteGroup()
    {
        using var batch = new WriteBatch();
        StoreState before = _log.State;
        DateTimeOffset now = _time.GetUtcNow();
        ulong sequence = GatherGroup(batch, before, now);
        if (_accepted.Count > 0)
        {
            long added = _accepted.Count(static pending => pending.Change.IsAddition);
            StoreState after = before with
            {
                Sequence = sequence,
                Certificates = before.Certificates + added,
            };
            after = _log.Trim(batch, after, now);
            after.Write(batch, _database);
            ChangeHistory.Add(batch, _database, now, added, _accepted.Count(pending => IsUpdate(pending.Change, before.ServedPolicy)));
            if (!TryWrite(batch, out StorageException? error))
            {
                Fail(error);
                return;
            }

            _log.Advance(after);
        }

        Answer();
    }

    private static bool IsUpdate(PreparedChange change, int servedPolicy) =>
        !change.IsAddition && change.Source != ChangeSource.Upgrade && change.IsVisible(servedPolicy);

    // Takes what waits, up to the bounds, and adds it to the batch; what does not fit the store any more goes to the conflicts. Returns the
    // sequence of the last change.
    private ulong GatherGroup(WriteBatch batch, StoreState state, DateTimeOffset now)
    {
        ulong sequence = state.Sequence;
        int bytes = 0;
        while (_accepted.Count < _options.MaxGroupSize
            && bytes < _options.MaxGroupBytes
            && _queue.Reader.TryPeek(out WorkItem? next)
            && next is PendingChange pending)
        {
            _queue.Reader.TryRead(out _);
            PreparedChange change = pending.Change;
            if (!IsCurrent(change))
            {
                _conflicts.Add(pending);
                continue;
            }

            if (change.IsVisible(state.ServedPolicy))
            {
                sequence++;
                Stage(batch, change, sequence, now, state.ServedPolicy);
            }
            else
            {
                StageRows(batch, change, CertificateRecord.NextVersion(change.ExpectedVersion));
            }

            _groupVersions[change.Identity] = change.Record is null ? 0 : CertificateRecord.ReadVersion(change.Record);
            _accepted.Add(pending);
            bytes += change.Record?.Length ?? 0;
        }

        return sequence;
    }

    private bool IsCurrent(PreparedChange change) =>
        ReadVersion(change.Identity) == change.ExpectedVersion
        && (change.RestrictionVersion ?? RestrictionVersion) == RestrictionVersion
        && (change.Dialects is null || change.Dialects.SequenceEqual(Dialects));

    private ulong ReadVersion(CertificateIdentity identity) =>
        _groupVersions.TryGetValue(identity, out ulong version)
            ? version
            : _database.Rocks.Get(identity.Span, _versionReader, _database[Family.Certificates]);

    private void Stage(WriteBatch batch, PreparedChange change, ulong sequence, DateTimeOffset now, int servedPolicy)
    {
        StageRows(batch, change, sequence);
        var logged = new Change(
            sequence,
            now,
            change.Identity,
            change.OldDigest,
            change.NewDigest,
            change.Source,
            servedPolicy,
            change.OldContent(servedPolicy),
            change.NewContent(servedPolicy));
        batch.Put(KeyCodec.Sequence(sequence).AsSpan(), ChangeCodec.Encode(logged), _database[Family.Changes]);
        if (change.Outgoing is { } outgoing)
            OutboxRows.Put(batch, _database, new OutboxEntry(sequence, now, change.Identity, outgoing));
    }

    private void StageRows(WriteBatch batch, PreparedChange change, ulong version)
    {
        if (change.Record is null)
        {
            batch.Delete(change.Identity.Span, _database[Family.Certificates]);
        }
        else
        {
            CertificateRecord.WriteVersion(change.Record, version);
            batch.Put(change.Identity.Span, change.Record, _database[Family.Certificates]);
        }

        foreach (DerivedRow row in change.Deletes)
        {
            batch.Delete(row.Key.AsSpan(), _database[row.Family]);
            foreach (DigestTree tree in _trees)
                tree.Delete(row);
        }

        foreach (DerivedRow row in change.Puts)
        {
            batch.Put(row.Key.AsSpan(), row.Value, _database[row.Family]);
            foreach (DigestTree tree in _trees)
                tree.Put(row);
        }
    }

    // With what follows for the partition trees from the rows in the batch.
    private bool TryWrite(WriteBatch batch, [NotNullWhen(false)] out StorageException? error, bool needsSpace = true)
    {
        error = null;
        try
        {
            if (!needsSpace || _freeSpace.IsEnough())
            {
                foreach (DigestTree tree in _trees)
                    tree.Write(batch);
                _database.WriteSynced(batch);
                foreach (DigestTree tree in _trees)
                    tree.Keep();
                _isDiskWritable = true;
                _refusedSince = null;
                return true;
            }

            error = new StorageException(StorageErrorKind.NotWritable, "The disk is nearly full.");
        }
        catch (RocksDbException e) when (Database.MeansNotWritable(e))
        {
            error = new StorageException(StorageErrorKind.NotWritable, "The disk cannot be written.", e);
            WatchRefusal(error);
        }

        foreach (DigestTree tree in _trees)
            tree.Drop();
        _isDiskWritable = false;
        return false;
    }

    private void WatchRefusal(StorageException error)
    {
        if (!_disk.IsWritable())
        {
            _refusedSince = null;
            return;
        }

        _refusedSince ??= _time.GetTimestamp();
        if (_time.GetElapsedTime(_refusedSince.Value) > MaxRefusal)
            throw new StorageException(StorageErrorKind.NotWritable, "The database refuses to write although the disk can be written.", error);
    }

    private void Answer()
    {
        foreach (PendingChange pending in _accepted)
            pending.Answer.TrySetResult(CommitResult.Committed);
        foreach (PendingChange pending in _conflicts)
            pending.Answer.TrySetResult(CommitResult.Conflict);
        ClearGroup();
    }

    private void Fail(StorageException error)
    {
        foreach (PendingChange pending in _accepted.Concat(_conflicts))
            pending.Fail(error);
        ClearGroup();
        if (error.Kind != StorageErrorKind.Closed)
            return;
        while (_queue.Reader.TryRead(out WorkItem? waiting))
            waiting.Fail(error);
    }

    private void ClearGroup()
    {
        _accepted.Clear();
        _conflicts.Clear();
        _groupVersions.Clear();
    }

    private abstract class WorkItem
    {
        public abstract void Fail(StorageException error);
    }

    private sealed class PendingChange(PreparedChange change) : WorkItem
    {
        public PreparedChange Change { get; } = change;

        public TaskCompletionSource<CommitResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(StorageException error) => Answer.TrySetException(error);
    }

    private sealed class ExclusiveJob(Func<StoreState, StoreState> job) : WorkItem
    {
        public Func<StoreState, StoreState> Job { get; } = job;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(StorageException error) => Done.TrySetException(error);
    }

    // Reads the version of a record without copying the record.
    private sealed class VersionReader : ISpanDeserializer<ulong>
    {
        public ulong Deserialize(ReadOnlySpan<byte> buffer) => buffer.IsEmpty ? 0 : CertificateRecord.ReadVersion(buffer);
    }
}
