using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Recon;

/// <summary>Which dialect each peer speaks, and that the node keeps those up which are spoken.</summary>
/// <remarks>
/// A peer for which the operator has named none is taken for an SKS server until it refuses, or is refused, and what it announces names another dialect: that is
/// spoken from then on, until the node stops or the peer announces something else.
/// </remarks>
/// <param name="node">Keeps the dialects up.</param>
/// <param name="membership">The peers.</param>
/// <param name="own">What is announced to SKS peers.</param>
/// <param name="logger">Told when a dialect is chosen.</param>
internal sealed class PeerDialects(KeyserverNode node, Membership membership, ReconConfiguration own, ILogger logger)
{
    private readonly ConcurrentDictionary<string, ReconDialect> _learned = new(StringComparer.Ordinal);

    // Whoever announces something else each time must not have trees given up and built again for ever.
    private readonly ConcurrentDictionary<Dialect, bool> _met = [];

    /// <summary>What a peer speaks.</summary>
    public ReconDialect Of(string peer) => NamedFor(peer) ?? _learned.GetValueOrDefault(peer, ReconDialect.Sks);

    /// <summary>Notes what a peer has announced.</summary>
    /// <exception cref="Storage.StorageException">The store is closing.</exception>
    public async Task LearnAsync(string peer, IReadOnlyList<string> filters, CancellationToken cancellationToken)
    {
        if (NamedFor(peer) is not null
            || ReconDialect.FindByFilters(filters, own.Filters) is not { } dialect
            || dialect == Of(peer))
        {
            return;
        }

        _learned[peer] = dialect;
        HkpLog.ReconDialectChosen(logger, peer, dialect.Name);
        Report();
        if (dialect.View is not { } view)
            return;
        _met[view] = true;
        await node.Dialects.AddAsync(view, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has the node keep up what peers speak, and nothing else once it is known of all of them; without peers it keeps what it has.</summary>
    /// <exception cref="Storage.StorageException">The store is closing, or cannot be written.</exception>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        Report();
        List<ReconPeer> peers = [.. membership.Members.Where(static member => !member.IsSelf).Select(static member => member.Peer)];
        HashSet<Dialect> spoken = [.. peers.Select(peer => Of(peer.Name).View).OfType<Dialect>(), .. _met.Keys, .. node.ConfiguredDialects];
        foreach (Dialect dialect in spoken)
            await node.Dialects.AddAsync(dialect, cancellationToken).ConfigureAwait(false);
        if (peers.Count == 0 || peers.Exists(peer => peer.Dialect is null && !_learned.ContainsKey(peer.Name)))
            return;
        foreach (Dialect dialect in node.Dialects.Maintained.Where(dialect => !spoken.Contains(dialect)))
            await node.Dialects.DropAsync(dialect, cancellationToken).ConfigureAwait(false);
    }

    private ReconDialect? NamedFor(string peer) => membership.Members.FirstOrDefault(member => member.Peer.Name == peer)?.Peer.Dialect;

    private void Report()
    {
        foreach (Member member in membership.Members)
            node.Peers.Update(member.Peer.Name, status => status with { Profile = Of(member.Peer.Name).Name });
    }
}
