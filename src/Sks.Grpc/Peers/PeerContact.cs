using Polly;
using Polly.Retry;
using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;
using Sks.Storage;

namespace Sks.Grpc.Peers;

/// <summary>Sees to it that there is a session with one peer, until it is removed.</summary>
internal sealed class PeerContact : IDisposable
{
    private readonly PeerContext _context;
    private readonly IPeerSessions _sessions;
    private readonly IPeerDialer _dialer;
    private readonly RetryPause _pause;
    private readonly ResiliencePipeline<PeerSessionEnd> _retry;
    private readonly CancellationTokenSource _removal;
    private readonly Lock _lock = new();
    private IReadOnlyList<string> _addresses = [];
    private CancellationTokenSource _moved = new();
    private string? _told;
    private int _setbacks;

    /// <summary>Starts without an address.</summary>
    public PeerContact(PeerContext context, PeerEntry entry, IPeerSessions sessions, IPeerDialer dialer, RetryPause pause, CancellationToken stopping)
    {
        (_context, Peer, Added, _sessions, _dialer, _pause) = (context, entry.Id, entry.Added, sessions, dialer, pause);
        _removal = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Removal = _removal.Token;
        _retry = CreateRetry();
    }

    /// <summary>Who it is.</summary>
    public NodeId Peer { get; }

    /// <summary>Since when it is a peer: tells it from an entry that was removed.</summary>
    public DateTimeOffset Added { get; }

    /// <summary>Cancelled when it is no peer any more, or everything stops.</summary>
    public CancellationToken Removal { get; }

    /// <summary>Ends when nothing is done any more. Set by who starts it.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;

    /// <summary>Where it is reached from now on. A pause ends when that is somewhere else.</summary>
    public void SetAddresses(IReadOnlyList<string> addresses)
    {
        lock (_lock)
        {
            if (_addresses.SequenceEqual(addresses, StringComparer.Ordinal))
                return;
            _addresses = addresses;

            // Not disposed: whoever waits may be about to look at it.
            _ = _moved.CancelAsync();
            _moved = new CancellationTokenSource();
        }
    }

    /// <summary>Ends everything with this peer, on other threads: the caller holds a lock.</summary>
    public async Task RemoveAsync()
    {
        await _removal.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    /// <summary>Contacts the peer again and again.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (!Removal.IsCancellationRequested)
                await RunRoundAsync().ConfigureAwait(false);
        }
        catch (Exception) when (Removal.IsCancellationRequested)
        {
            // Removed, or everything stops: sockets, TLS and the store each say so in their own way.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _removal.Dispose();
        _moved.Dispose();
    }

    // Attempts at some addresses, until there are others.
    private async Task RunRoundAsync()
    {
        (IReadOnlyList<string> addresses, CancellationToken moved) = ReadAddresses();
        using var pauseEnd = CancellationTokenSource.CreateLinkedTokenSource(moved, Removal);
        _setbacks = 0;
        try
        {
            if (addresses.Count == 0)
                await Task.Delay(Timeout.InfiniteTimeSpan, pauseEnd.Token).ConfigureAwait(false);
            await _retry.ExecuteAsync(_ => new ValueTask<PeerSessionEnd>(AttemptAsync(addresses)), pauseEnd.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Removal.IsCancellationRequested && moved.IsCancellationRequested)
        {
            // There is another address to try.
        }
    }

    // A session that runs goes on when the addresses change: only the pauses end.
    private async Task<PeerSessionEnd> AttemptAsync(IReadOnlyList<string> addresses)
    {
        if (_sessions.IsConnected(Peer))
        {
            PeerNotes.Planned(_context.Node.Peers, Peer, null);
            long begin = _context.Time.GetTimestamp();
            await _sessions.WaitUntilGoneAsync(Peer, Removal).ConfigureAwait(false);
            return new PeerSessionEnd(true, ErrorCode.Unspecified, null, TimeSpan.Zero) { Lasted = _context.Time.GetElapsedTime(begin) };
        }

        PeerSessionEnd end;
        try
        {
            end = await _dialer.DialAsync(Peer, addresses, Removal).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            end = new PeerSessionEnd(false, ErrorCode.Unspecified, e.Message, TimeSpan.Zero);
        }
        catch (Exception e) when (!Removal.IsCancellationRequested)
        {
            PeerLog.ContactFailed(_context.Logger, Peer.ToString(), e);
            end = new PeerSessionEnd(false, ErrorCode.Unspecified, "an unexpected failure of this node: see its log", TimeSpan.Zero);
        }

        Removal.ThrowIfCancellationRequested();
        PeerNotes.Ended(_context.Node.Peers, Peer, end, _context.Time.GetUtcNow());
        Tell(end);
        return end;
    }

    private ResiliencePipeline<PeerSessionEnd> CreateRetry() => new ResiliencePipelineBuilder<PeerSessionEnd> { TimeProvider = _context.Time }
        .AddRetry(new RetryStrategyOptions<PeerSessionEnd>
        {
            MaxRetryAttempts = int.MaxValue,
            ShouldHandle = new PredicateBuilder<PeerSessionEnd>().HandleResult(static _ => true), // however a session ends, another follows
            DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(CountPause(args.Outcome.Result!)),
            OnRetry = args =>
            {
                Plan(args.RetryDelay);
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    private TimeSpan CountPause(PeerSessionEnd end)
    {
        // A bad line is no reason to stay away: each session gets something done.
        if (end.HasLasted || end is { WasEstablished: true, Code: ErrorCode.Unspecified })
            _setbacks = 0;
        TimeSpan pause = _pause.After(end, _setbacks);
        if (end.IsFailure && _setbacks < int.MaxValue)
            _setbacks++;
        return pause;
    }

    private void Plan(TimeSpan pause) => PeerNotes.Planned(_context.Node.Peers, Peer, _context.Time.GetUtcNow() + pause);

    // What stays the same is not said again.
    private void Tell(PeerSessionEnd end)
    {
        string? reason = end is { IsFailure: true, Code: not (ErrorCode.Duplicate or ErrorCode.NewKey) } ? end.Detail : null;
        if (reason is not null && reason != _told)
            PeerLog.NotReached(_context.Logger, Peer.ToString(), reason);
        _told = reason ?? (end.WasEstablished ? null : _told);
    }

    private (IReadOnlyList<string> Addresses, CancellationToken Moved) ReadAddresses()
    {
        lock (_lock)
        {
            return (_addresses, _moved.Token);
        }
    }
}
