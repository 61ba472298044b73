using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Recon;

/// <summary>What everything about reconciliation needs.</summary>
/// <param name="Node">The node.</param>
/// <param name="Options">How to reconcile.</param>
/// <param name="Membership">With whom.</param>
/// <param name="Own">What this node announces to peers.</param>
/// <param name="Dialer">Connects to peers.</param>
/// <param name="Logger">Where to log.</param>
/// <param name="Time">The clock.</param>
internal sealed record ReconContext(
    KeyserverNode Node,
    ReconOptions Options,
    Membership Membership,
    ReconConfiguration Own,
    ReconDialer Dialer,
    ILogger Logger,
    TimeProvider Time)
{
    private readonly PeerReconciliationOptions _patience = new(Options.AliasLifetime, Options.MaxAliasesPerPeer, Options.SuspectBytesPerHour);

    /// <summary>What peers speak.</summary>
    public PeerDialects Dialects { get; } = new(Node, Membership, Own, Logger);

    /// <summary>The reconciliation with a peer, in the dialect that it speaks.</summary>
    /// <exception cref="Storage.StorageException">The store is closing.</exception>
    public PeerReconciliation With(string peer) => Node.Reconciliation.With(peer, _patience, Dialects.Of(peer).View);
}
