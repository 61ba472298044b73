using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sks.Node;

namespace Sks.HkpAdapter.Recon;

/// <summary>Accepts connections of SKS peers.</summary>
/// <remarks>
/// Who is no peer, and a peer with too many sessions, is closed without a byte; peers take that for "try later". A web server of its own
/// whose connections are served raw, for its accepting, its buffers and its orderly end.
/// </remarks>
public sealed class ReconListener : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication _host;
    private readonly IServer _server;
    private readonly CancellationTokenSource _stop;
    private bool _disposed;

    private ReconListener(WebApplication host, CancellationTokenSource stop)
    {
        _host = host;
        _server = host.Services.GetRequiredService<IServer>();
        _stop = stop;
    }

    /// <summary>Where it listens: really bound, also where port 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>Starts listening on <see cref="ReconOptions.Listen"/>.</summary>
    /// <param name="options">Where, and how many sessions a peer may have.</param>
    /// <param name="findPeer">Name of the peer that an address belongs to, IPv4 in its own form; null for none.</param>
    /// <param name="serve">Serves a connection, any number at the same time. Its token ends when the listener stops.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="time">Measures the timeouts.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<ReconListener> StartAsync(
        ReconOptions options,
        Func<IPAddress, string?> findPeer,
        Func<IncomingRecon, CancellationToken, Task> serve,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger<ReconListener>();
        var stop = new CancellationTokenSource();
        var reception = new ReconReception(options, findPeer, serve, logger, time, stop.Token);

        List<IPEndPoint> endPoints = [];
        foreach (string address in options.Listen)
        {
            if (address != ListenAddress.Off && ListenAddress.TryParse(address, out IPEndPoint? endPoint))
                endPoints.Add(endPoint);
        }

        List<ListenOptions> listeners = [];
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new WarningsOnlyLoggerFactory(loggers));
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = endPoint => ListenSocket.Create(endPoint, endPoints));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => endPoints.ForEach(endPoint => kestrel.Listen(endPoint, listener =>
        {
            listener.Run(reception.ReceiveAsync);
            listeners.Add(listener);
        })));

        var listener = new ReconListener(builder.Build(), stop);
        try
        {
            // Without an address of ours the web server would choose one of its own.
            if (endPoints.Count > 0)
                await listener._server.StartAsync(new NoApplication(), cancellationToken);
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }

        listener.Addresses = [.. listeners.Select(static listener => listener.IPEndPoint!)];
        foreach (IPEndPoint endPoint in listener.Addresses)
            HkpLog.ReconListening(logger, endPoint);
        return listener;
    }

    /// <summary>Stops accepting and breaks off what is running, within a second.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;

        await _stop.CancelAsync();
        using var deadline = new CancellationTokenSource(StopTimeout);
        await _server.StopAsync(deadline.Token);
        await _host.DisposeAsync();
        _stop.Dispose();
    }

    // The server asks for one; no connection gets to it.
    private sealed class NoApplication : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => Task.CompletedTask;

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
