using Google.Protobuf;
using Sks.Node.Links;
using Sks.Peer.V1;
using Sks.Storage;

namespace Sks.Grpc.Peers;

/// <summary>What is to be fetched from one peer: asks for as much at a time as may be on its way. For any number of threads.</summary>
/// <remarks>
/// What another link fetches at that moment is left to that link, and comes back here when it fails there. Claimed is only what is asked for at once: a
/// slow peer keeps the others from little. What does not fit the queue is forgotten: the next exchange finds it again. Claims are released outside of
/// the lock, as that calls other links.
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
    private readonly Action<IReadOnlyList<ulong>> _asked;
    private readonly IDisposable _subscription;
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _known = [];
    private readonly HashSet<ulong> _handedOver = [];
    private readonly Queue<ulong> _waiting = [];
    private int _outstanding;
    private bool _isDisposed;
    private volatile TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts empty.</summary>
    /// <param name="links">Who holds and fetches what.</param>
    /// <param name="link">The link to the peer.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <param name="fetch">Where the offers arrive.</param>
    /// <param name="outbox">Where to ask.</param>
    /// <param name="asked">Told what is asked for, which the peer thus holds.</param>
    public WantQueue(LinkService links, Link link, int policyVersion, FetchPump fetch, SyncOutbox outbox, Action<IReadOnlyList<ulong>> asked)
    {
        _links = links;
        _link = link;
        _policyVersion = policyVersion;
        _fetch = fetch;
        _outbox = outbox;
        _asked = asked;
        _subscription = links.Claims.Subscribe(link.Peer, TakeOver);
    }

    /// <summary>Asks for those that are missing here; now or later.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public void Add(IReadOnlyList<ulong> prefixes)
    {
        List<ulong> missing = FindMissing(prefixes);
        lock (_lock)
            Enqueue(missing);
        AskForMore();
    }

    /// <summary>The same for an announcement: asked for with a bit each, if there is room for all that are missing.</summary>
    /// <param name="announcement">Its number.</param>
    /// <param name="prefixes">All of its prefixes.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public void Add(ulong announcement, IReadOnlyList<ulong> prefixes)
    {
        List<ulong> missing = FindMissing(prefixes);
        List<(ulong Prefix, bool IsHeld)> released = [];
        lock (_lock)
        {
            bool isShorter = missing.Count * sizeof(ulong) > (prefixes.Count + 7) / 8;
            if (!isShorter || _isDisposed || _waiting.Count > 0 || _outstanding + missing.Count > FetchPump.MaxOutstanding)
            {
                Enqueue(missing);
            }
            else
            {
                List<ulong> claimed = Claim([.. missing.Where(_known.Add)], released);
                Ask(claimed, () => new Want { Announcement = announcement, Wanted = Bits(prefixes, claimed) });
            }
        }

        Release(released);
        AskForMore();
    }

    /// <summary>Notes what came of something that was asked for.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public void Settle(ulong prefix, bool isDone)
    {
        lock (_lock)
        {
            _outstanding--;
            _known.Remove(prefix);
        }

        _links.Claims.Release(_link.Peer, prefix, isDone);
        AskForMore();
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
        lock (_lock)
            _isDisposed = true;
        _subscription.Dispose();
        _links.Claims.ReleaseAll(_link.Peer);
    }

    private List<ulong> FindMissing(IReadOnlyList<ulong> prefixes) =>
        [.. _links.FindMissing(prefixes, _policyVersion).Where(prefix => !_link.IsPhantom(prefix))];

    // Called by whoever has failed to fetch it. The claim is this link's by then, and has to be used or passed on.
    private void TakeOver(ulong prefix)
    {
        bool isTaken;
        lock (_lock)
        {
            isTaken = !_isDisposed && _known.Add(prefix);
            if (isTaken)
            {
                _handedOver.Add(prefix);
                _waiting.Enqueue(prefix);
            }
        }

        try
        {
            if (isTaken)
                AskForMore();
            else
                _links.Claims.Release(_link.Peer, prefix, isSettled: false);
        }
        catch (StorageException)
        {
            // The store is closing, as this link will see for itself.
        }
    }

    // Lock holder only.
    private void Enqueue(List<ulong> prefixes)
    {
        foreach (ulong prefix in prefixes)
        {
            if (!_isDisposed && _known.Count < MaxLength && _known.Add(prefix))
                _waiting.Enqueue(prefix);
        }
    }

    private void AskForMore()
    {
        List<(ulong Prefix, bool IsHeld)> released = [];
        lock (_lock)
        {
            while (!_isDisposed && TakeBatch() is { Count: > 0 } batch)
            {
                List<ulong> claimed = Claim(batch, released);
                Ask(claimed, () => new Want { Prefixes = DigestPrefixes.Write(claimed) });
            }

            if (_waiting.Count <= ComfortableLength)
                Interlocked.Exchange(ref _room, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }

        Release(released);
    }

    // Lock holder only. Not one by one while much waits: that would be a message for each.
    private List<ulong> TakeBatch()
    {
        int count = Math.Min(_waiting.Count, FetchPump.MaxOutstanding - _outstanding);
        if (count < FetchPump.MaxOutstanding / 4 && count < _waiting.Count)
            return [];
        List<ulong> batch = new(count);
        while (batch.Count < count)
            batch.Add(_waiting.Dequeue());
        return batch;
    }

    // Lock holder only. Looked up again: much may have been stored since, and once more when it is claimed.
    private List<ulong> Claim(List<ulong> prefixes, List<(ulong Prefix, bool IsHeld)> released)
    {
        HashSet<ulong> missing = [.. FindMissing(prefixes)];
        List<ulong> claimed = [];
        foreach (ulong prefix in prefixes)
        {
            bool isHandedOver = _handedOver.Remove(prefix);
            if (missing.Contains(prefix) && _links.Claims.TryClaim(_link.Peer, prefix))
            {
                claimed.Add(prefix);
                continue;
            }

            _known.Remove(prefix);
            if (isHandedOver)
                released.Add((prefix, !_link.IsPhantom(prefix)));
        }

        HashSet<ulong> still = [.. FindMissing(claimed)];
        foreach (ulong held in claimed.Where(prefix => !still.Contains(prefix)))
        {
            _known.Remove(held);
            released.Add((held, true));
        }

        return [.. claimed.Where(still.Contains)];
    }

    // Lock holder only.
    private void Ask(List<ulong> claimed, Func<Want> want)
    {
        if (claimed.Count == 0)
            return;
        _outstanding += claimed.Count;
        _asked(claimed);
        _fetch.Expect(claimed);
        _outbox.Post(new SyncMessage { Want = want() });
    }

    private void Release(List<(ulong Prefix, bool IsHeld)> released)
    {
        foreach ((ulong prefix, bool isHeld) in released)
            _links.Claims.Release(_link.Peer, prefix, isHeld);
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
