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

    /// <summary>Notes something about a peer if it is one still.</summary>
    /// <returns>Whether it is.</returns>
    public bool TryUpdate(string name, Func<PeerStatus, PeerStatus> change)
    {
        while (_peers.TryGetValue(name, out PeerStatus? status))
        {
            if (_peers.TryUpdate(name, change(status), status))
                return true;
        }

        return false;
    }

    /// <summary>Makes <paramref name="names"/> the peers of one kind: forgets all others of that kind, adds those that are new.</summary>
    public void SetPeers(PeerKind kind, IReadOnlyCollection<string> names)
    {
        IEnumerable<string> known = _peers.Values.Where(peer => peer.Kind == kind).Select(static peer => peer.Name);
        foreach (string gone in known.Except(names, StringComparer.Ordinal).ToList())
            _peers.TryRemove(gone, out _);
        foreach (string name in names)
            _peers.AddOrUpdate(name, key => new PeerStatus(key) { Kind = kind }, (_, status) => status.Kind == kind ? status : status with { Kind = kind });
    }
}
