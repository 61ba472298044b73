using Sks.Node.Restrictions;
using Sks.Storage;

namespace Sks.Node;

/// <summary>A keyserver without any network: a store and everything that works on it. Adapters are put around it.</summary>
public sealed class KeyserverNode : IAsyncDisposable
{
    private readonly CertificateStore _store;
    private readonly NodeMetrics _metrics;
    private readonly TimeProvider _time;

    private KeyserverNode(CertificateStore store, NodeIdentity identity, KeyserverOptions options, TimeProvider time)
    {
        _store = store;
        _time = time;
        _metrics = new NodeMetrics(store);
        Restrictions = new RestrictionService(store, identity, options.Restrictions, time);
        Query = new CertificateQuery(store, options, Restrictions);
        Changes = new ChangeFeed(store);
        Submissions = new SubmissionService(new CertificateIngest(store, Restrictions, options.ToLimits(), _metrics), options, _metrics);
    }

    /// <summary>Looks certificates up.</summary>
    public CertificateQuery Query { get; }

    /// <summary>Takes certificates in.</summary>
    public SubmissionService Submissions { get; }

    /// <summary>Follows the change log.</summary>
    public ChangeFeed Changes { get; }

    /// <summary>What must not be stored or served.</summary>
    public RestrictionService Restrictions { get; }

    /// <summary>Whether submissions can be stored now.</summary>
    public bool IsWritable => _store.IsWritable;

    /// <summary>Ends when the node can no longer write; faulted when something unexpected happened, and then the process should end.</summary>
    public Task WriterCompletion => _store.WriterCompletion;

    /// <summary>Opens the store, creating it and the node's key pair when there are none, and starts the writer.</summary>
    /// <exception cref="StorageException">The store is locked by another process, of an unknown format or corrupt; or the key pair is.</exception>
    public static KeyserverNode Open(KeyserverOptions options, TimeProvider time)
    {
        var storeOptions = new StoreOptions { Folder = options.DataDirectory, MinFreeDiskBytes = options.MinFreeDiskBytes };
        CertificateStore store = CertificateStore.Open(storeOptions, time);
        try
        {
            var node = new KeyserverNode(store, NodeIdentity.LoadOrCreate(options.DataDirectory, time), options, time);
            node.Restrictions.Start();
            return node;
        }
        catch
        {
            store.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Every stored certificate that is not restricted, in one snapshot, in an order that stays the same.</summary>
    public IEnumerable<StoredCertificate> ReadAll()
    {
        using StoreSnapshot snapshot = _store.TakeSnapshot();
        RestrictionSet restricted = Restrictions.State.Hidden;
        foreach (StoredCertificate stored in snapshot.ReadAll())
        {
            if (restricted.Apply(stored) is { } certificate)
                yield return certificate;
        }
    }

    /// <summary>Compares everything derived with the packets it was derived from.</summary>
    /// <param name="repair">Whether to rebuild it when something differs.</param>
    /// <param name="progress">Told the number of certificates looked at so far.</param>
    /// <param name="cancellationToken">Stops early.</param>
    public async Task<CheckReport> CheckAsync(bool repair, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        StoreCheckResult result = await Task.Run(() => _store.Check(progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        bool repairs = repair && result.DifferenceCount > 0;
        if (repairs)
            await _store.RepairAsync(cancellationToken).ConfigureAwait(false);
        return new CheckReport(result.Certificates, result.Differences, result.DifferenceCount, repairs);
    }

    /// <summary>Numbers about this node.</summary>
    public NodeStatistics GetStatistics() => new(
        _time.GetUtcNow(),
        _store.Count,
        _store.Newest,
        _store.IsWritable,
        _metrics.ReadOutcomes(),
        _metrics.ReadRejections(),
        _store.ReadHistory());

    /// <summary>Stops taking submissions, writes what was accepted and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        await Restrictions.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
    }
}
