using RocksDbSharp;

namespace Sks.Storage;

/// <content>State kept per peer: written by itself, between two groups.</content>
internal sealed partial class StoreWriter
{
    /// <inheritdoc cref="CertificateStore.WriteLinksAsync(IReadOnlyList{ValueTuple{byte[], byte[]}}, IReadOnlyList{byte[]}, CancellationToken)"/>
    public async Task WriteLinksAsync(
        IReadOnlyList<(byte[] Key, byte[]? Value)> rows, IReadOnlyList<byte[]> deletedPrefixes, CancellationToken cancellationToken)
    {
        var pending = new PendingLinks(rows, deletedPrefixes);
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

    private sealed class PendingLinks(IReadOnlyList<(byte[] Key, byte[]? Value)> rows, IReadOnlyList<byte[]> deletedPrefixes) : WorkItem
    {
        public IReadOnlyList<(byte[] Key, byte[]? Value)> Rows { get; } = rows;

        public IReadOnlyList<byte[]> DeletedPrefixes { get; } = deletedPrefixes;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(StorageException error) => Done.TrySetException(error);
    }
}
