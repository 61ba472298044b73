using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sks.Node.Peers;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Everything about servers of our own kind except the protocol, which is an adapter's.</summary>
public sealed class LinkService : IAsyncDisposable
{
    private const int InstanceLength = 8;

    private readonly CertificateStore _store;
    private readonly NodeIdentity _identity;
    private readonly PeerRegistry _registry;
    private readonly LinkTable _links;
    private readonly SketchUpkeep _upkeep;
    private readonly CancellationTokenSource _stop = new();
    private readonly RestrictionService _restrictions;
    private readonly Task _following;
    private readonly Task _lifting;
    private int _disposed;

    internal LinkService(
        CertificateStore store,
        NodeIdentity identity,
        CertificateIngest ingest,
        RestrictionService restrictions,
        PeerRegistry registry,
        OpenPgpLimits limits,
        TimeProvider time)
    {
        _store = store;
        _identity = identity;
        _registry = registry;
        _restrictions = restrictions;
        Instance = RandomNumberGenerator.GetBytes(InstanceLength);
        Book = new PeerBook(store, identity.Id, time);
        Invitations = new Invitations(store, Book, time);
        Offers = new CertificateOffers(store, restrictions);
        Intake = new CertificateIntake(store, ingest, restrictions, limits);
        Restrictions = new RestrictionRelay(restrictions);
        _links = new LinkTable(store, Book, time, () => restrictions.State.Retractions, _stop.Token);
        _links.PhantomsChanged += ShowPhantoms;
        Book.Retire = _links.RetireAsync;
        Book.Changed += ShowPeers;
        ShowPeers();

        // Read at once, so that operators see their phantoms before there is a contact.
        foreach (PeerEntry peer in Book.ReadAll())
            _links.Get(peer.Id);
        _upkeep = new SketchUpkeep(store, _links);
        _following = Task.Run(() => _upkeep.RunAsync(_stop.Token));
        _lifting = Task.Run(() => RemoveOverPhantomsAsync(_stop.Token));
    }

    /// <summary>Who this node is.</summary>
    public NodeId Self => _identity.Id;

    /// <summary>Chosen at the start of the process: tells two processes with one identity apart. 8 bytes.</summary>
    public ReadOnlyMemory<byte> Instance { get; }

    /// <summary>The policies of which all clean views are there, by descending version. None in a store whose first views are being made.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<int> PolicyVersions => _store.ReadCompletePolicies();

    /// <summary>The newest change.</summary>
    public ChangeCursor Newest => _store.Newest;

    /// <summary>Who the peers are.</summary>
    public PeerBook Book { get; }

    /// <summary>Invitations of this node.</summary>
    public Invitations Invitations { get; }

    /// <summary>Who fetches what.</summary>
    public FetchClaims Claims { get; } = new();

    /// <summary>What can be given to peers.</summary>
    public CertificateOffers Offers { get; }

    /// <summary>What peers give.</summary>
    public CertificateIntake Intake { get; }

    /// <summary>Restrictions between peers.</summary>
    public RestrictionRelay Restrictions { get; }

    /// <summary>What is kept for a peer; always the same object for one id, until it is removed from the book.</summary>
    /// <remarks>For who is not in the book there is a link all the same, a new one each time, which keeps nothing.</remarks>
    /// <exception cref="StorageException">The store is closing.</exception>
    public Link Get(NodeId peer) => _links.Get(peer);

    /// <summary>Which of these digest prefixes this node does not hold.</summary>
    /// <param name="prefixes">First 8 bytes of content digests, big-endian.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<ulong> FindMissing(IReadOnlyList<ulong> prefixes, int policyVersion)
    {
        using StoreLease lease = _store.TakeLease();
        return lease.Reader.FindMissingContent(policyVersion, prefixes);
    }

    /// <summary>The node's certificate with its private key, for TLS. The caller disposes it.</summary>
    public X509Certificate2 CreateTlsCertificate() => _identity.CreateTlsCertificate();

    /// <summary>Ends what is being built, and saves the sketches. Adapters end before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _lifting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _upkeep.SaveAllAsync(isLast: true).ConfigureAwait(false);
        Book.Changed -= ShowPeers;
        _stop.Dispose();
    }

    // From the moment at which a restriction is taken back they do not count; this removes the rows.
    private async Task RemoveOverPhantomsAsync(CancellationToken cancellationToken)
    {
        long version = 0;
        while (true)
        {
            version = await _restrictions.WaitForChangeAsync(version, cancellationToken).ConfigureAwait(false);
            foreach (Link link in _links.ReadAll())
            {
                try
                {
                    await link.RemoveOverPhantomsAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
                {
                    // They are read again at the next start, and found to be over.
                }
            }
        }
    }

    private void ShowPeers()
    {
        IReadOnlyList<PeerEntry> peers = Book.ReadAll();
        _registry.SetPeers(PeerKind.Modern, [.. peers.Select(static peer => peer.Id.ToString())]);
        foreach (PeerEntry peer in peers)
            _registry.TryUpdate(peer.Id.ToString(), status => status with { EndPoints = peer.Addresses });
    }

    private void ShowPhantoms(Link link)
    {
        if (!link.IsRetired)
            _registry.TryUpdate(link.Peer.ToString(), status => status with { Phantoms = link.PhantomCount });
    }
}
