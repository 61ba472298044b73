namespace Sks.Storage;

/// <content>Packets that wait to be sent on.</content>
public sealed partial class CertificateStore
{
    /// <summary>What waits to be sent on, in the order of the changes.</summary>
    /// <param name="after">Sequence of the last entry that is left out.</param>
    /// <param name="maxCount">How many at most.</param>
    /// <param name="maxBytes">No further one when they have so many bytes.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<OutboxEntry> ReadOutbox(ulong after, int maxCount, int maxBytes)
    {
        using StoreLease lease = TakeLease();
        return OutboxRows.Read(_database, after, maxCount, maxBytes);
    }

    /// <summary>How many entries wait to be sent on. Looks at each.</summary>
    /// <param name="after">Sequence of the last entry that is left out.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public long CountOutbox(ulong after)
    {
        using StoreLease lease = TakeLease();
        return OutboxRows.Count(_database, after);
    }

    /// <summary>Has rows of state kept per peer written, and entries that nobody waits for any more removed, in one batch.</summary>
    /// <param name="rows">As for <see cref="WriteLinksAsync(IReadOnlyList{ValueTuple{byte[], byte[]}}, CancellationToken)"/>.</param>
    /// <param name="through">Sequence of the last entry that is removed.</param>
    /// <param name="cancellationToken">Takes them back while they wait for a place in the queue.</param>
    /// <exception cref="ArgumentException">A key or all rows together are too long.</exception>
    /// <exception cref="StorageException">The store is closing, or the disk cannot be written.</exception>
    public Task AdvanceOutboxAsync(IReadOnlyList<(byte[] Key, byte[]? Value)> rows, ulong through, CancellationToken cancellationToken)
    {
        LinkRows.Validate(rows);
        return _writer.WriteLinksAsync(rows, [], through, cancellationToken);
    }
}
