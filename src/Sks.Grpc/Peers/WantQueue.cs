using Google.Protobuf;
using Sks.Node.Links;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What is to be fetched from one peer: asks for as much at a time as may be on its way. For any number of threads.</summary>
/// <remarks>
/// What another link fetches already is left to that link, and comes back here when it fails there. What does not fit the queue is forgotten: the next
/// exchange finds it again.
/// </remarks>
internal sealed class WantQueue : IDisposable
{
    private const int ComfortableLength = 16 * FetchPump.MaxOutstanding;
    private const int MaxLength = 8 * ComfortableLength;

    private readonly LinkService _links;
    private readonly Link _link;
    private readonly int _policyVersion;
    private readonly FetchPump _fetch;
    private readonly SyncOutbox _outbox;
    private readonly IDisposable _subscription;
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _known = [];
    private readonly Queue<ulong> _waiting = [];
    private int _outstanding;
    private long _settled;
    private volatile TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts empty.</summary>
    /// <param name="links">Who holds and fetches what.</param>
    /// <param name="link">The link to the peer.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <param name="fetch">Where the offers arrive.</param>
    /// <param name="outbox">Where to ask.</param>
    public WantQueue(LinkService links, Link link, int policyVersion, FetchPump fetch, SyncOutbox outbox)
    {
        _links = links;
        _link = link;
        _policyVersion = policyVersion;
        _fetch = fetch;
        _outbox = outbox;
        _subscription = links.Claims.Subscribe(link.Peer, prefix => Add([prefix]));
    }

    /// <summary>Asks for those that are missing here; now or later.</summary>
    public void Add(IReadOnlyList<ulong> prefixes)
    {
        List<ulong> claimed = Claim(prefixes);
        lock (_lock)
        {
            foreach (ulong prefix in claimed)
                _waiting.Enqueue(prefix);
            AskForMore();
        }
    }

    /// <summary>The same for an announcement: asked for with a bit each, if there is room for all that are missing.</summary>
    /// <param name="announcement">Its number.</param>
    /// <param name="prefixes">All of its prefixes.</param>
    public void Add(ulong announcement, IReadOnlyList<ulong> prefixes)
    {
        List<ulong> claimed = Claim(prefixes);
        if (claimed.Count == 0)
            return;
        lock (_lock)
        {
            bool isShorter = claimed.Count * sizeof(ulong) > (prefixes.Count + 7) / 8;
            if (!isShorter || _waiting.Count > 0 || _outstanding + claimed.Count > FetchPump.MaxOutstanding)
            {
                foreach (ulong prefix in claimed)
                    _waiting.Enqueue(prefix);
                AskForMore();
                return;
            }

            _outstanding += claimed.Count;
            _fetch.Expect(claimed);
            _outbox.Post(new SyncMessage { Want = new Want { Announcement = announcement, Wanted = Bits(prefixes, claimed) } });
        }
    }

    /// <summary>Notes what came of something that was asked for.</summary>
    public void Settle(ulong prefix, bool isDone)
    {
        lock (_lock)
        {
            _outstanding--;
            _settled++;
            _known.Remove(prefix);
            AskForMore();
        }

        _links.Claims.Release(_link.Peer, prefix, isDone);
    }

    /// <summary>How many were settled so far, and whether any is outstanding.</summary>
    public (long Settled, bool IsWaiting) Progress
    {
        get
        {
            lock (_lock)
                return (_settled, _outstanding > 0);
        }
    }

    /// <summary>Waits until the queue is short.</summary>
    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room = _room.Task;
            lock (_lock)
            {
                if (_waiting.Count <= ComfortableLength)
                    return;
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives up everything: other links may fetch it.</summary>
    public void Dispose()
    {
        _subscription.Dispose();
        _links.Claims.ReleaseAll(_link.Peer);
    }

    // Looked up once more when it is claimed: another link may have stored it in between.
    private List<ulong> Claim(IReadOnlyList<ulong> prefixes)
    {
        List<ulong> claimed = [];
        foreach (ulong prefix in _links.FindMissing(prefixes, _policyVersion))
        {
            if (_link.IsPhantom(prefix) || !TryRemember(prefix))
                continue;
            if (_links.Claims.TryClaim(_link.Peer, prefix))
                claimed.Add(prefix);
            else
                Forget(prefix);
        }

        if (claimed.Count == 0)
            return claimed;
        HashSet<ulong> missing = [.. _links.FindMissing(claimed, _policyVersion)];
        foreach (ulong held in claimed.Where(prefix => !missing.Contains(prefix)))
        {
            Forget(held);
            _links.Claims.Release(_link.Peer, held, isSettled: true);
        }

        claimed.RemoveAll(prefix => !missing.Contains(prefix));
        return claimed;
    }

    private bool TryRemember(ulong prefix)
    {
        lock (_lock)
            return _known.Count < MaxLength && _known.Add(prefix);
    }

    private void Forget(ulong prefix)
    {
        lock (_lock)
            _known.Remove(prefix);
    }

    // Lock holder only.
    private void AskForMore()
    {
        int count = Math.Min(_waiting.Count, FetchPump.MaxOutstanding - _outstanding);
        if (_waiting.Count - count <= ComfortableLength)
            Interlocked.Exchange(ref _room, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

        // Not one by one while much waits: that would be a message for each.
        if (count == 0 || (count < FetchPump.MaxOutstanding / 4 && count < _waiting.Count))
            return;
        List<ulong> next = new(count);
        while (next.Count < count)
            next.Add(_waiting.Dequeue());
        _outstanding += count;
        _fetch.Expect(next);
        _outbox.Post(new SyncMessage { Want = new Want { Prefixes = DigestPrefixes.Write(next) } });
    }

    private static ByteString Bits(IReadOnlyList<ulong> prefixes, List<ulong> wanted)
    {
        HashSet<ulong> chosen = [.. wanted];
        byte[] bits = new byte[(prefixes.Count + 7) / 8];
        for (int i = 0; i < prefixes.Count; i++)
        {
            if (chosen.Remove(prefixes[i]))
                bits[i / 8] |= (byte)(1 << (i % 8));
        }

        return UnsafeByteOperations.UnsafeWrap(bits);
    }
}
