using RocksDbSharp;

namespace Sks.Storage;

/// <content>Restrictions: written by themselves, between two groups.</content>
internal sealed partial class StoreWriter
{
    private long _restrictionVersion;

    /// <summary>Counts the restrictions written since the store was opened. What was worked out before the last one is a conflict.</summary>
    public ulong RestrictionVersion => (ulong)Interlocked.Read(ref _restrictionVersion);

    /// <summary>Hands restrictions in and waits until they are on disk with all that follows from them, or refused.</summary>
    /// <remarks>Cancellation can take them back while they wait for a place in the queue.</remarks>
    public async Task<CommitResult> CommitAsync(RestrictionChange change, CancellationToken cancellationToken)
    {
        var pending = new PendingRestriction(change);
        await EnqueueAsync(pending, cancellationToken).ConfigureAwait(false);
        return await pending.Answer.Task.ConfigureAwait(false);
    }

    private void Write(PendingRestriction pending)
    {
        _queue.Reader.TryRead(out _);
        try
        {
            CommitResult? result = TryWrite(pending.Change, out StorageException? error);
            if (result is null)
                pending.Fail(error!);
            else
                pending.Answer.TrySetResult(result.Value);
        }
        catch (Exception e)
        {
            pending.Fail(new StorageException(StorageErrorKind.Closed, "The store has stopped after an unexpected error.", e));
            throw;
        }
    }

    private CommitResult? TryWrite(RestrictionChange restriction, out StorageException? error)
    {
        error = null;
        if (!restriction.Changes.All(IsCurrent))
            return CommitResult.Conflict;

        using var batch = new WriteBatch();
        StoreState before = _log.State;
        DateTimeOffset now = _time.GetUtcNow();
        ulong sequence = before.Sequence;
        foreach (PreparedChange change in restriction.Changes)
            Stage(batch, change, ++sequence, now, before.ServedPolicy);
        int removed = restriction.Changes.Count(static change => change.IsRemoval);
        StoreState after = before with { Sequence = sequence, Certificates = before.Certificates - removed };
        after.Write(batch, _database);
        if (restriction.Changes.Count > removed)
            ChangeHistory.Add(batch, _database, now, 0, restriction.Changes.Count - removed);
        OutboxRows.DeleteOf(batch, _database, restriction.Changes.Select(static change => change.Identity).ToHashSet());
        RestrictionRows.Put(batch, _database, restriction.Rows);
        if (restriction.Erases)
            RestrictionRows.MarkErased(batch, _database);

        // A disk that is nearly full must not keep anything in public; what is written is little, and makes room.
        if (!TryWrite(batch, out error, needsSpace: false))
            return null;

        if (restriction.Rows.Count > 0)
            Interlocked.Increment(ref _restrictionVersion);
        if (sequence > before.Sequence)
            _log.Advance(after);
        return CommitResult.Committed;
    }

    private sealed class PendingRestriction(RestrictionChange change) : WorkItem
    {
        public RestrictionChange Change { get; } = change;

        public TaskCompletionSource<CommitResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(StorageException error) => Answer.TrySetException(error);
    }
}
