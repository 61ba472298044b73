using System.Collections.Concurrent;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Peers;

/// <summary>Reconciles the full views with SKS peers, and the views of other dialects with who speaks them; the protocol itself is an adapter's.</summary>
public sealed class ReconciliationService
{
    private readonly CertificateStore _store;
    private readonly CertificateIngest _ingest;
    private readonly RestrictionService _restrictions;
    private readonly PeerRegistry _registry;
    private readonly OpenPgpLimits _limits;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string Peer, byte Profile), Lazy<PeerReconciliation>> _peers = [];

    internal ReconciliationService(
        CertificateStore store, CertificateIngest ingest, RestrictionService restrictions, PeerRegistry registry, OpenPgpLimits limits, TimeProvider time)
    {
        _store = store;
        _ingest = ingest;
        _restrictions = restrictions;
        _registry = registry;
        _limits = limits;
        _time = time;
    }

    /// <summary>The reconciliation with one peer; always the same object for one name and dialect.</summary>
    /// <param name="peer">Its name, at most 255 bytes of UTF-8: host and port as the operator wrote them.</param>
    /// <param name="options">Used when the peer is asked for the first time.</param>
    /// <param name="dialect">What the peer speaks; null for SKS.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public PeerReconciliation With(string peer, PeerReconciliationOptions options, Dialect? dialect = null) =>
        _peers.GetOrAdd(
            (peer, dialect?.Profile ?? 0),
            _ => new Lazy<PeerReconciliation>(
                () => new PeerReconciliation(peer, dialect, _store, _ingest, _restrictions, _registry, options, _limits, _time))).Value;

    /// <summary>Notes that a peer has asked for digests that are not stored here. Nothing to do for a peer there was no session with.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task NoteAskedAsync(string peer, IReadOnlyCollection<SksDigest> unknown, CancellationToken cancellationToken) => Task.WhenAll(
        _peers.Where(known => known.Key.Peer == peer).Select(known => known.Value.Value.NoteAskedAsync(unknown, cancellationToken)));
}
