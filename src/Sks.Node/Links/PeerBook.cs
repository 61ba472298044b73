using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>The peers of our own kind, kept in the store. For any number of threads.</summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore that nobody waits on by handle holds nothing; closing must not fail who still waits.")]
public sealed class PeerBook
{
    /// <summary>Most addresses of one peer.</summary>
    public const int MaxAddresses = 8;

    /// <summary>Longest address, in bytes of UTF-8: a host name of full length, and a port.</summary>
    public const int MaxAddressBytes = byte.MaxValue;

    private readonly CertificateStore _store;
    private readonly NodeId _self;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private volatile IReadOnlyDictionary<NodeId, PeerEntry> _peers;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _version;

    internal PeerBook(CertificateStore store, NodeId self, TimeProvider time)
    {
        _store = store;
        _self = self;
        _time = time;
        _peers = store.ReadLinks(LinkKeys.Peers)
            .Select(static row => LinkKeys.ReadPeer(row.Key) is { } id ? PeerEntryCodec.Decode(id, row.Value) : null)
            .OfType<PeerEntry>()
            .ToDictionary(static entry => entry.Id);
    }

    /// <summary>Told after each change, before whoever waits for it.</summary>
    internal event Action? Changed;

    /// <summary>Has a peer's rows deleted with nothing written behind them: runs the deletion while nobody else writes rows of that peer.</summary>
    internal Func<NodeId, Func<Task>, Task> Retire { get; set; } = static (_, delete) => delete();

    /// <summary>All peers, ordered by id.</summary>
    public IReadOnlyList<PeerEntry> ReadAll() => [.. _peers.Values.OrderBy(static entry => entry.Id.High).ThenBy(static entry => entry.Id.Low)];

    /// <summary>A peer; null when it is none. Costs no look at the disk.</summary>
    public PeerEntry? Find(NodeId id) => _peers.GetValueOrDefault(id);

    /// <summary>Adds a peer, or gives it other addresses; answers when it is on disk.</summary>
    /// <param name="id">Who it is.</param>
    /// <param name="addresses">At most <see cref="MaxAddresses"/>, of 1 to <see cref="MaxAddressBytes"/> bytes each.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn.</param>
    /// <exception cref="ArgumentException">It is this node itself, or there are too many addresses, or too long ones.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task AddAsync(NodeId id, IReadOnlyList<string> addresses, CancellationToken cancellationToken) =>
        AddAsync(id, addresses, [], cancellationToken);

    /// <summary>Removes a peer with everything that is kept for it; answers when it is on disk.</summary>
    /// <returns>Whether it was one.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<bool> RemoveAsync(NodeId id, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Find(id) is null)
                return false;
            await Retire(id, async () =>
            {
                await _store.WriteLinksAsync([], LinkKeys.All(id), cancellationToken).ConfigureAwait(false);
                _peers = _peers.Where(peer => peer.Key != id).ToDictionary();
            }).ConfigureAwait(false);
            Announce();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends when the book has changed since <paramref name="version"/>; returns the version of now.</summary>
    /// <param name="version">What was returned last; 0 for what is there at the start of the node, so that it ends at the first change.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<int> WaitForChangeAsync(int version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_version != version)
                    return _version;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Refuses what can be no peer.</summary>
    /// <exception cref="ArgumentException">See <see cref="AddAsync(NodeId, IReadOnlyList{string}, CancellationToken)"/>.</exception>
    internal void Validate(NodeId id, IReadOnlyList<string> addresses)
    {
        if (id == _self)
            throw new ArgumentException("A node is no peer of itself.", nameof(id));
        if (addresses.Count > MaxAddresses)
            throw new ArgumentException($"There are {addresses.Count} addresses; {MaxAddresses} are allowed.", nameof(addresses));
        if (addresses.Any(static address => address.Length == 0 || Encoding.UTF8.GetByteCount(address) > MaxAddressBytes))
            throw new ArgumentException($"An address is empty or longer than {MaxAddressBytes} bytes.", nameof(addresses));
    }

    /// <summary>Adds a peer, and writes other rows in the same batch.</summary>
    internal async Task AddAsync(
        NodeId id, IReadOnlyList<string> addresses, IReadOnlyList<(byte[] Key, byte[]? Value)> others, CancellationToken cancellationToken)
    {
        Validate(id, addresses);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var entry = new PeerEntry(id, [.. addresses], Find(id)?.Added ?? _time.GetUtcNow());
            await _store.WriteLinksAsync([.. others, (LinkKeys.Peer(id), PeerEntryCodec.Encode(entry))], cancellationToken).ConfigureAwait(false);
            _peers = new Dictionary<NodeId, PeerEntry>(_peers) { [id] = entry };
            Announce();
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Announce()
    {
        Changed?.Invoke();
        TaskCompletionSource changed;
        lock (_lock)
        {
            _version++;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
