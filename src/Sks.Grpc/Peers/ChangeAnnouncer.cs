using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;
using Sks.Storage;

namespace Sks.Grpc.Peers;

/// <summary>Tells a peer what changes here, as it commits.</summary>
/// <remarks>
/// What has come from the peer is not told back. A link on another policy than the one that is served has no feed, as the change log does not know its
/// digests: there the exchanges alone find what is new.
/// </remarks>
internal sealed class ChangeAnnouncer(ChangeFeed changes, Link link, int policyVersion, SentAnnouncements sent, SyncOutbox outbox)
{
    private const int MaxRemembered = 8192;

    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _theirs = [];
    private readonly Queue<ulong> _order = [];
    private readonly List<ulong> _added = [];
    private readonly List<ulong> _removed = [];

    /// <summary>Notes what the peer holds.</summary>
    public void NoteHeldThere(IReadOnlyList<ulong> prefixes)
    {
        lock (_lock)
        {
            foreach (ulong prefix in prefixes)
            {
                if (!_theirs.Add(prefix))
                    continue;
                _order.Enqueue(prefix);
                if (_order.Count > MaxRemembered)
                    _theirs.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Notes what the peer holds no more.</summary>
    public void NoteGoneThere(IReadOnlyList<ulong> prefixes)
    {
        lock (_lock)
            _theirs.ExceptWith(prefixes);
    }

    /// <summary>Tells about everything behind a place in the change log, until it is cancelled.</summary>
    /// <exception cref="CursorOutOfRangeException">The log does not go on from there.</exception>
    /// <exception cref="StorageException">The node is closed.</exception>
    public async Task RunAsync(ChangeCursor from, CancellationToken cancellationToken)
    {
        IAsyncEnumerator<Change> feed = changes.ReadAsync(from, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (feed.ConfigureAwait(false))
        {
            ulong sequence = from.Sequence;
            while (true)
            {
                ValueTask<bool> next = feed.MoveNextAsync();

                // Together what is there together, and at once when nothing follows.
                if (!next.IsCompleted || _added.Count >= DigestPrefixes.MaxCount || _removed.Count >= DigestPrefixes.MaxCount)
                    await AnnounceAsync(sequence, cancellationToken).ConfigureAwait(false);
                if (!await next.ConfigureAwait(false))
                    return;
                Note(feed.Current);
                sequence = feed.Current.Sequence;
            }
        }
    }

    /// <summary>Tells about what only this node holds.</summary>
    public async Task AnnounceAsync(IReadOnlyList<ulong> prefixes, CancellationToken cancellationToken)
    {
        foreach (ulong[] part in prefixes.Chunk(DigestPrefixes.MaxCount))
        {
            await outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            Post(part, [], 0);
        }
    }

    private void Note(Change change)
    {
        if (change.PolicyVersion != policyVersion || change.OldContent == change.NewContent)
            return;
        if (change.OldContent is { } old)
            _removed.Add(DigestPrefixes.Of(old));
        if (change.NewContent is not { } content)
            return;
        ulong prefix = DigestPrefixes.Of(content);
        bool isKnownThere;
        lock (_lock)
            isKnownThere = _theirs.Contains(prefix);
        if (!isKnownThere && !link.IsPhantom(prefix))
            _added.Add(prefix);
    }

    private async Task AnnounceAsync(ulong sequence, CancellationToken cancellationToken)
    {
        if (_added.Count + _removed.Count == 0)
            return;
        await outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        Post([.. _added], _removed, sequence);
        _added.Clear();
        _removed.Clear();
    }

    // Numbered and queued in one go, so that the numbers arrive in order.
    private void Post(ulong[] added, List<ulong> removed, ulong sequence)
    {
        lock (_lock)
        {
            outbox.Post(new SyncMessage
            {
                Announce = new Announce
                {
                    Announcement = sent.Add(added),
                    Sequence = sequence,
                    Added = DigestPrefixes.Write(added),
                    Removed = DigestPrefixes.Write(removed),
                },
            });
        }
    }
}
