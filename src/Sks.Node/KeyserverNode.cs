using Sks.Node.Admission;
using Sks.Node.Links;
using Sks.Node.Peers;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.Storage;

namespace Sks.Node;

/// <summary>A keyserver without any network: a store and everything that works on it. Adapters are put around it.</summary>
public sealed partial class KeyserverNode : IAsyncDisposable
{
    private readonly CertificateStore _store;
    private readonly NodeIdentity _identity;
    private readonly NodeMetrics _metrics;
    private readonly PeerMetrics _peerMetrics;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _migration;
    private readonly Task _dialectBuild;
    private int _disposed;

    private KeyserverNode(CertificateStore store, NodeIdentity identity, KeyserverOptions options, TimeProvider time)
    {
        _store = store;
        _identity = identity;
        _time = time;
        AllowsFullView = options.AllowFullView;
        ConfiguredDialects = options.ToDialects();
        _metrics = new NodeMetrics(store);
        _peerMetrics = new PeerMetrics(Peers);
        Restrictions = new RestrictionService(store, identity, options.Restrictions, time);
        Query = new CertificateQuery(store, options, Restrictions);
        Changes = new ChangeFeed(store);
        var rules = new AdmissionRules(options.Ingest, store.Policies);
        Outbox = new OutboxService(store, Restrictions, options.ToLimits());
        var ingest = new CertificateIngest(store, rules, Restrictions, new VerificationTurns(time), Outbox, _metrics);
        Reconciliation = new ReconciliationService(store, ingest, Restrictions, Peers, options.ToLimits(), time);
        Submissions = new SubmissionService(ingest, new RevocationIngest(store, ingest, _metrics), options, _metrics);
        Links = new LinkService(store, identity, ingest, Restrictions, Peers, options.ToLimits(), time);
        _migration = store.ViewMigration.RunAsync(_stop.Token);
        _dialectBuild = RunDialectsAsync();
        Completion = WatchAsync();
    }

    /// <summary>Looks certificates up.</summary>
    public CertificateQuery Query { get; }

    /// <summary>Takes certificates in.</summary>
    public SubmissionService Submissions { get; }

    /// <summary>Follows the change log.</summary>
    public ChangeFeed Changes { get; }

    /// <summary>What must not be stored or served.</summary>
    public RestrictionService Restrictions { get; }

    /// <summary>What is sent on to servers that do not ask for it.</summary>
    public OutboxService Outbox { get; }

    /// <summary>How it goes with the peers: adapters write it, operators read it.</summary>
    public PeerRegistry Peers { get; } = new();

    /// <summary>Reconciles with SKS peers.</summary>
    public ReconciliationService Reconciliation { get; }

    /// <summary>What there is to servers of our own kind.</summary>
    public LinkService Links { get; }

    /// <summary>The dialects of other keyservers that are kept up: adapters add those that their peers speak.</summary>
    public DialectBuild Dialects => _store.DialectBuild;

    /// <summary>Those of them that the operator wants whoever the peers are.</summary>
    public IReadOnlyList<Dialect> ConfiguredDialects { get; }

    /// <summary>Whether anyone may read certificates unfiltered: for adapters to ask before they give a full view to a client.</summary>
    public bool AllowsFullView { get; }

    /// <summary>Whether submissions can be stored now.</summary>
    public bool IsWritable => _store.IsWritable;

    /// <summary>Ends when the node can no longer write; faulted when something unexpected happened, and then the process should end.</summary>
    public Task Completion { get; }

    /// <summary>
    /// Ends when every certificate has its clean view; at once unless a new policy is being brought in. Cancelled when the node closes
    /// first.
    /// </summary>
    public Task ViewsCompletion => _migration;

    /// <summary>Opens the store, creating it and the node's key pair when there are none, and starts the writer.</summary>
    /// <exception cref="StorageException">The store is locked by another process, of an unknown format or corrupt; or the key pair is.</exception>
    /// <exception cref="UnsoundPlatformException">Signatures do not verify on this machine as they should.</exception>
    public static KeyserverNode Open(KeyserverOptions options, TimeProvider time) => Open(options, treeShape: null, time);

    /// <inheritdoc cref="Open(KeyserverOptions, TimeProvider)"/>
    /// <param name="options">Where and how.</param>
    /// <param name="treeShape">What has to be agreed on with SKS peers; the tree is built anew when it has another. Null to leave it as it is.</param>
    /// <param name="time">The clock.</param>
    public static KeyserverNode Open(KeyserverOptions options, TreeShape? treeShape, TimeProvider time)
    {
        VerificationPlatform.ThrowIfUnsound();
        var storeOptions = new StoreOptions
        {
            Folder = options.DataDirectory,
            MinFreeDiskBytes = options.MinFreeDiskBytes,
            Policies = options.Policies,
            Dialects = options.ToDialects(),
            TreeShape = treeShape,
        };
        CertificateStore store = CertificateStore.Open(storeOptions, time);
        NodeIdentity? identity = null;
        try
        {
            identity = NodeIdentity.LoadOrCreate(options.DataDirectory, time);
            var node = new KeyserverNode(store, identity, options, time);
            node.Restrictions.Start();
            return node;
        }
        catch
        {
            identity?.Dispose();
            store.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Makes sure that signatures verify on this machine as they do everywhere else; opening a node does so too.</summary>
    /// <exception cref="UnsoundPlatformException">They do not.</exception>
    public static void CheckPlatform() => VerificationPlatform.ThrowIfUnsound();

    /// <summary>Every stored certificate that has the view and is not restricted, in one snapshot, in an order that stays the same.</summary>
    public IEnumerable<ServedCertificate> ReadAll(ServedView view)
    {
        using StoreSnapshot snapshot = _store.TakeSnapshot();
        int policy = _store.ServedPolicy;
        foreach (StoredCertificate stored in snapshot.ReadAll())
        {
            if (Restrictions.Restrict(stored) is { } allowed && ServedCertificate.Of(allowed, policy, view) is { } certificate)
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

    /// <summary>Makes a folder that a node can be opened on, with the store as it is now. Everything goes on meanwhile.</summary>
    /// <remarks>
    /// Whoever opens it, or a copy of it, begins a change log of its own. Restrictions are in it and hold for whoever opens it, also under
    /// another key pair.
    /// </remarks>
    /// <param name="folder">Made for its owner only when missing. There must be no store in it.</param>
    /// <param name="withIdentity">Whether to include the key pair and what is kept per peer: the secrets of links among it.</param>
    /// <exception cref="StorageException">The folder holds a store or another node's key, or cannot be written; or the node is closing.</exception>
    public async Task BackUpAsync(string folder, bool withIdentity)
    {
        if (!withIdentity && NodeIdentity.IsIn(folder))
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {folder} holds a node's private key, and this backup is to have none.");
        await _store.BackUpAsync(folder, withIdentity, withIdentity ? _identity.CopyTo : static _ => { }).ConfigureAwait(false);
    }

    /// <summary>Numbers about this node.</summary>
    public NodeStatistics GetStatistics() => new(
        _time.GetUtcNow(),
        _store.Count,
        _store.Newest,
        _store.IsWritable,
        _metrics.ReadOutcomes(),
        _metrics.ReadRejections(),
        _metrics.ReadLeftOut(),
        _store.ServedPolicy,
        _store.ViewMigration.Progress,
        _store.ReadHistory());

    /// <summary>Stops taking submissions, writes what was accepted and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _metrics.Dispose();
        _peerMetrics.Dispose();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _dialectBuild.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Links.DisposeAsync().ConfigureAwait(false);
        await Restrictions.DisposeAsync().ConfigureAwait(false);
        Outbox.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
        _identity.Dispose();
        _stop.Dispose();
    }

    // A record whose verdicts are of other rules gives no digest that counts: the views come first.
    private async Task RunDialectsAsync()
    {
        await _migration.ConfigureAwait(false);
        await _store.DialectBuild.RunAsync(_stop.Token).ConfigureAwait(false);
    }

    private async Task WatchAsync()
    {
        Task ended = await Task.WhenAny(_store.WriterCompletion, _dialectBuild).ConfigureAwait(false);
        await (ended == _dialectBuild && !_dialectBuild.IsFaulted ? _store.WriterCompletion : ended).ConfigureAwait(false);
    }
}
