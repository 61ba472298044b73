using Sks.Node;
using Sks.Node.Links;

namespace Sks.Grpc.Peers;

/// <summary>Keeps in contact with the peers in the book, and follows what changes there.</summary>
/// <param name="context">What everything needs.</param>
/// <param name="sessions">Runs the sessions.</param>
/// <param name="dialer">Contacts peers.</param>
/// <param name="pause">How long to wait between attempts.</param>
internal sealed class PeerContacts(PeerContext context, IPeerSessions sessions, IPeerDialer dialer, RetryPause pause) : IAsyncDisposable
{
    private readonly PeerBook _book = context.Node.Links.Book;
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, PeerContact> _contacts = [];
    private readonly List<Task> _removed = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;

    /// <summary>Starts with those in the book.</summary>
    public void Start() => _following = FollowAsync();

    /// <summary>Whether everything stops: then nobody is found any more who was not found before.</summary>
    public bool IsStopping => _stop.IsCancellationRequested;

    /// <summary>Cancelled when a peer is removed from the book, or everything stops; null for one that is none.</summary>
    public CancellationToken? FindRemoval(NodeId peer)
    {
        lock (_lock)
        {
            // The book may be ahead of what was heard of it.
            if (_contacts.GetValueOrDefault(peer)?.Added != _book.Find(peer)?.Added)
                Apply();
            return _contacts.GetValueOrDefault(peer)?.Removal;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] running;
        lock (_lock)
        {
            running = [.. _contacts.Values.Select(static contact => contact.Completion), .. _removed];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (PeerContact contact in _contacts.Values)
            contact.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        int version = 0;
        while (true)
        {
            lock (_lock)
            {
                Apply();
            }

            version = await _book.WaitForChangeAsync(version, _stop.Token).ConfigureAwait(false);
        }
    }

    private void Apply()
    {
        if (_stop.IsCancellationRequested)
            return;
        IReadOnlyList<PeerEntry> entries = _book.ReadAll();

        // Who was removed and added again meanwhile is another entry, and has to start anew.
        HashSet<(NodeId, DateTimeOffset)> known = [.. entries.Select(static entry => (entry.Id, entry.Added))];
        foreach (PeerContact gone in _contacts.Values.Where(contact => !known.Contains((contact.Peer, contact.Added))).ToList())
            Remove(gone);
        foreach (PeerEntry entry in entries)
        {
            if (_contacts.TryGetValue(entry.Id, out PeerContact? contact))
                contact.SetAddresses(entry.Addresses);
            else
                Add(entry);
        }
    }

    private void Add(PeerEntry entry)
    {
        var contact = new PeerContact(context, entry, sessions, dialer, pause, _stop.Token);
        contact.SetAddresses(entry.Addresses);
        _contacts.Add(entry.Id, contact);
        contact.Completion = Task.Run(contact.RunAsync);
    }

    private void Remove(PeerContact contact)
    {
        _contacts.Remove(contact.Peer);
        _removed.RemoveAll(static task => task.IsCompleted);
        _removed.Add(contact.RemoveAsync());
    }
}
