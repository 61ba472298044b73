namespace Sks.Node;

/// <summary>A keyserver without any network: a store and everything that works on it. Adapters are put around it.</summary>
public sealed class KeyserverNode : IAsyncDisposable
{
    /// <summary>Opens the store, creating it when there is none, and starts the writer.</summary>
    /// <exception cref="Storage.StorageException">The store is locked by another process, of an unknown format or corrupt.</exception>
    public static KeyserverNode Open(KeyserverOptions options, TimeProvider time) => throw new NotImplementedException();

    /// <summary>Looks certificates up.</summary>
    public CertificateQuery Query => throw new NotImplementedException();

    /// <summary>Takes certificates in.</summary>
    public SubmissionService Submissions => throw new NotImplementedException();

    /// <summary>Follows the change log.</summary>
    public ChangeFeed Changes => throw new NotImplementedException();

    /// <summary>Every stored certificate, in one snapshot, in an order that stays the same.</summary>
    public IEnumerable<Storage.StoredCertificate> ReadAll() => throw new NotImplementedException();

    /// <summary>Compares everything derived with the packets it was derived from.</summary>
    /// <param name="repair">Whether to rebuild what differs.</param>
    /// <param name="progress">Told the number of certificates looked at so far.</param>
    /// <param name="cancellationToken">Stops early.</param>
    public Task<CheckReport> CheckAsync(bool repair, IProgress<long>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Numbers about this node.</summary>
    public NodeStatistics GetStatistics() => throw new NotImplementedException();

    /// <summary>Stops taking submissions, writes what was accepted and closes the store.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
