using RocksDbSharp;

namespace Sks.Storage;

/// <content>State kept per peer: written by itself, between two groups.</content>
internal sealed partial class StoreWriter
{
    /// <summary>Writes rows, after it has deleted others, and removes what was sent on; all or nothing.</summary>
    /// <param name="rows">The rows; those without a value are deleted.</param>
    /// <param name="deletedPrefixes">What the keys begin with of the rows that are deleted.</param>
    /// <param name="sentThrough">Sequence of the last entry of the outbox that is removed; 0 for none.</param>
    /// <param name="cancellationToken">Takes it back while it waits for a place in the queue.</param>
    public async Task WriteLinksAsync(
        IReadOnlyList<(byte[] Key, byte[]? Value)> rows, IReadOnlyList<byte[]> deletedPrefixes, ulong sentThrough, CancellationToken cancellationToken)
    {
        var pending = new PendingLinks(rows, deletedPrefixes, sentThrough);
        await EnqueueAsync(pending, cancellationToken).ConfigureAwait(false);
        await pending.Done.Task.ConfigureAwait(false);
    }

    private void Write(PendingLinks pending)
    {
        _queue.Reader.TryRead(out _);
        try
        {
            using var batch = new WriteBatch();
            LinkRows.Delete(batch, _database, pending.DeletedPrefixes);
            LinkRows.Put(batch, _database, pending.Rows);
            if (pending.SentThrough > 0)
                OutboxRows.DeleteThrough(batch, _database, pending.SentThrough);
            if (TryWrite(batch, out StorageException? error))
                pending.Done.TrySetResult();
            else
                pending.Fail(error);
        }
        catch (Exception e)
        {
            pending.Fail(new StorageException(StorageErrorKind.Closed, "The store has stopped after an unexpected error.", e));
            throw;
        }
    }

    private sealed class PendingLinks(
        IReadOnlyList<(byte[] Key, byte[]? Value)> rows, IReadOnlyList<byte[]> deletedPrefixes, ulong sentThrough) : WorkItem
    {
        public IReadOnlyList<(byte[] Key, byte[]? Value)> Rows { get; } = rows;

        public IReadOnlyList<byte[]> DeletedPrefixes { get; } = deletedPrefixes;

        public ulong SentThrough { get; } = sentThrough;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(StorageException error) => Done.TrySetException(error);
    }
}
