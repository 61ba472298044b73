using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>The links of the peers in the book: one object for each. For any number of threads.</summary>
internal sealed class LinkTable(CertificateStore store, PeerBook book, TimeProvider time, Func<int> countRetractions, CancellationToken stop)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, Link> _links = [];

    /// <summary>Told when the phantoms of a link may have changed, and when a link is read.</summary>
    public event Action<Link>? PhantomsChanged;

    /// <summary>The link to a peer. One of its own at each call, which keeps nothing, when the peer is not in the book.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public Link Get(NodeId peer)
    {
        Link link;
        lock (_lock)
        {
            if (_links.TryGetValue(peer, out Link? known))
                return known;
            link = new Link(store, peer, time, countRetractions, stop);
            if (book.Find(peer) is null)
            {
                link.Retire();
                return link;
            }

            link.PhantomsChanged += changed => PhantomsChanged?.Invoke(changed);
            _links.Add(peer, link);
        }

        PhantomsChanged?.Invoke(link);
        return link;
    }

    /// <summary>Those that are open.</summary>
    public IReadOnlyList<Link> ReadAll()
    {
        lock (_lock)
            return [.. _links.Values];
    }

    /// <summary>Deletes a peer's rows while its link writes none, and forgets the link then.</summary>
    /// <param name="peer">Which one; in the book still.</param>
    /// <param name="delete">Deletes the rows and takes the peer out of the book.</param>
    public async Task RetireAsync(NodeId peer, Func<Task> delete)
    {
        await Get(peer).RetireAsync(delete).ConfigureAwait(false);
        lock (_lock)
            _links.Remove(peer);
    }
}
