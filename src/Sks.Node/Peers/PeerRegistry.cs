using System.Collections.Concurrent;

namespace Sks.Node.Peers;

/// <summary>How it goes with all peers. For any number of threads.</summary>
public sealed class PeerRegistry
{
    private readonly ConcurrentDictionary<string, PeerStatus> _peers = new(StringComparer.Ordinal);

    /// <summary>All peers, ordered by name.</summary>
    public IReadOnlyList<PeerStatus> Read() => [.. _peers.Values.OrderBy(static peer => peer.Name, StringComparer.Ordinal)];

    /// <summary>Notes something about a peer.</summary>
    public void Update(string name, Func<PeerStatus, PeerStatus> change) =>
        _peers.AddOrUpdate(name, key => change(new PeerStatus(key)), (_, status) => change(status));

    /// <summary>Makes <paramref name="names"/> the peers of one kind: forgets all others of it, adds those that are new.</summary>
    /// <remarks>Those of the other kind stay: somebody else knows who they are.</remarks>
    public void SetPeers(IReadOnlyCollection<string> names, PeerKind kind = PeerKind.Sks)
    {
        foreach (PeerStatus gone in _peers.Values.Where(peer => peer.Kind == kind).ExceptBy(names, static peer => peer.Name, StringComparer.Ordinal))
            _peers.TryRemove(gone.Name, out _);
        foreach (string name in names)
            _peers.TryAdd(name, new PeerStatus(name) { Kind = kind });
    }
}
