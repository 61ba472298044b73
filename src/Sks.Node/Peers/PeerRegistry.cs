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

    /// <summary>Notes something about what is a peer; nothing is noted about anyone else.</summary>
    public void UpdateKnown(string name, Func<PeerStatus, PeerStatus> change)
    {
        while (_peers.TryGetValue(name, out PeerStatus? status) && !_peers.TryUpdate(name, change(status), status))
        {
            // Someone else has noted something in between.
        }
    }

    /// <summary>Makes <paramref name="names"/> the peers of one kind: forgets all others of it, adds those that are new.</summary>
    public void SetPeers(IReadOnlyCollection<string> names, PeerKind kind = PeerKind.Sks)
    {
        foreach (string gone in _peers.Where(peer => peer.Value.Kind == kind).Select(static peer => peer.Key).Except(names, StringComparer.Ordinal))
            _peers.TryRemove(gone, out _);
        foreach (string name in names)
            _peers.TryAdd(name, new PeerStatus(name) { Kind = kind });
    }
}
