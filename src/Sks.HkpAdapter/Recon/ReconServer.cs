using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Storage;

namespace Sks.HkpAdapter.Recon;

/// <summary>Reconciles a node with SKS servers: accepts them, contacts them, and fetches what only they have.</summary>
public sealed class ReconServer : IAsyncDisposable
{
    private readonly ReconContext _recon;
    private readonly Recovery _recovery;
    private readonly PeerSessions _sessions;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _fetching = [];
    private ReconListener? _listener;
    private Task _gossip = Task.CompletedTask;
    private int _disposed;

    private ReconServer(ReconContext recon)
    {
        _recon = recon;
        _recovery = new Recovery(recon);
        _sessions = new PeerSessions(recon, _recovery);
    }

    /// <summary>Where it listens: really bound, also where port 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _listener?.Addresses ?? [];

    /// <summary>Starts to listen, and to gossip if the options say so.</summary>
    /// <param name="node">The node.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="membership">The peers; stays the caller's, and must live longer.</param>
    /// <param name="hkpPort">Port of HKP that peers can fetch from, for options that leave it open.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<ReconServer> StartAsync(
        KeyserverNode node,
        ReconOptions options,
        Membership membership,
        int hkpPort,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var own = ReconConfiguration.From(options, hkpPort);
        var server = new ReconServer(
            new ReconContext(node, options, membership, own, new ReconDialer(options, time), loggers.CreateLogger<ReconServer>(), time));
        try
        {
            server._listener = await ReconListener.StartAsync(
                options, address => membership.FindByAddress(address)?.Name, server.ServeAsync, loggers, time, cancellationToken).ConfigureAwait(false);
            await membership.SetListenersAsync(server.Addresses, cancellationToken).ConfigureAwait(false);
            await server._recon.Dialects.SettleAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (options.Gossip)
            server._gossip = new Gossip(server._recon, server._sessions).RunAsync(server._stop.Token);
        return server;
    }

    /// <summary>Stops accepting and contacting, and breaks off what is running; what was fetched by then is stored.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_listener is not null)
            await _listener.DisposeAsync().ConfigureAwait(false);
        await _gossip.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_fetching.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _recovery.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(IncomingRecon incoming, CancellationToken cancellationToken)
    {
        // Fetching begins when the connection is free for the peer's next session.
        Task fetching = await _sessions.AnswerAsync(incoming, cancellationToken).ConfigureAwait(false);
        Task watched = WatchAsync(incoming.Peer, fetching);
        _fetching.TryAdd(watched, true);
        _ = watched.ContinueWith(done => _fetching.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task WatchAsync(string peer, Task fetching)
    {
        try
        {
            await fetching.ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            HkpLog.ReconStoreFailed(_recon.Logger, peer, e.Kind);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            HkpLog.ReconFailed(_recon.Logger, peer, e.GetType().Name, e.StackTrace);
        }
    }
}
