namespace Sks.Storage;

/// <content>State kept per peer.</content>
public sealed partial class CertificateStore
{
    /// <summary>Longest key of a row of state, in bytes.</summary>
    public const int MaxLinkKeyLength = 256;

    /// <summary>Most bytes of keys and values that are written at once: 4 MiB.</summary>
    public const int MaxLinkBytes = 4 << 20;

    /// <summary>The rows of state kept per peer whose key starts with <paramref name="prefix"/>, in the order of their keys.</summary>
    /// <remarks>What is in keys and values is the business of who writes them. A load or a repair leaves them alone.</remarks>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<(byte[] Key, byte[] Value)> ReadLinks(ReadOnlySpan<byte> prefix)
    {
        using StoreLease lease = TakeLease();
        return LinkRows.Read(_database, prefix);
    }

    /// <summary>Has rows of state kept per peer written, all or none, and waits until they are on disk. The change log does not tell.</summary>
    /// <param name="rows">Keys of 1 to <see cref="MaxLinkKeyLength"/> bytes, and values; null deletes the row.</param>
    /// <param name="cancellationToken">Takes them back while they wait for a place in the queue.</param>
    /// <exception cref="ArgumentException">A key or all rows together are too long.</exception>
    /// <exception cref="StorageException">The store is closing, or the disk cannot be written.</exception>
    public Task WriteLinksAsync(IReadOnlyList<(byte[] Key, byte[]? Value)> rows, CancellationToken cancellationToken)
    {
        LinkRows.Validate(rows);
        return _writer.WriteLinksAsync(rows, [], sentThrough: 0, cancellationToken);
    }

    /// <summary>Does the same, and before it, in the same batch, deletes all rows whose key starts with one of some prefixes.</summary>
    /// <param name="rows">As above.</param>
    /// <param name="deletedPrefixes">1 to <see cref="MaxLinkKeyLength"/> bytes each, the first of them below 255.</param>
    /// <param name="cancellationToken">Takes both back while they wait for a place in the queue.</param>
    /// <exception cref="ArgumentException">A key, a prefix or all rows together are too long.</exception>
    /// <exception cref="StorageException">The store is closing, or the disk cannot be written.</exception>
    public Task WriteLinksAsync(
        IReadOnlyList<(byte[] Key, byte[]? Value)> rows, IReadOnlyList<byte[]> deletedPrefixes, CancellationToken cancellationToken)
    {
        LinkRows.Validate(rows);
        LinkRows.Validate(deletedPrefixes);
        return _writer.WriteLinksAsync(rows, deletedPrefixes, sentThrough: 0, cancellationToken);
    }
}
