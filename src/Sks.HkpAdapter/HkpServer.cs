using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sks.HkpAdapter.Http;
using Sks.HkpAdapter.Recon;
using Sks.HkpAdapter.Tls;
using Sks.Node;

namespace Sks.HkpAdapter;

/// <summary>Serves a node to gpg, sq, browsers and scripts: HKP over HTTP/1.0 and 1.1, with and without TLS.</summary>
/// <remarks>
/// A web server of its own, apart from any other in the process: GnuPG speaks HTTP/1.0 only, and without TLS one port cannot speak
/// that and the HTTP/2 of gRPC. It has no middleware and logs no request.
/// </remarks>
public sealed class HkpServer : IAsyncDisposable
{
    private const int MaxRequestLineBytes = 16 * 1024;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication _host;
    private readonly IServer _server;
    private readonly HkpMetrics _metrics;
    private readonly HkpRoutes _routes;
    private readonly TlsCertificateSource? _certificate;
    private readonly IDisposable _badRequests;
    private bool _disposed;

    private HkpServer(WebApplication host, HkpMetrics metrics, HkpRoutes routes, TlsCertificateSource? certificate)
    {
        _host = host;
        _server = host.Services.GetRequiredService<IServer>();
        _metrics = metrics;
        _routes = routes;
        _certificate = certificate;
        _badRequests = host.Services.GetRequiredService<DiagnosticListener>().Subscribe(
            new BadRequestCounter(metrics), static (name, _, _) => name == BadRequestCounter.EventName);
    }

    /// <summary>Where it listens without TLS: really bound, also where port 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>Where it listens with TLS.</summary>
    public IReadOnlyList<IPEndPoint> SecureAddresses { get; private set; } = [];

    /// <summary>Starts listening.</summary>
    /// <exception cref="ValidationException">An option is not valid.</exception>
    /// <exception cref="IOException">An address is in use, or a certificate file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate files hold no certificate and its key.</exception>
    public static Task<HkpServer> StartAsync(
        KeyserverNode node, HkpOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(node, options, members: null, loggers, time, cancellationToken);

    /// <summary>Starts listening, and lets SKS servers fetch what they lack.</summary>
    /// <param name="node">What is served.</param>
    /// <param name="options">How.</param>
    /// <param name="members">Who may send <c>/pks/hashquery</c> without <see cref="KeyserverOptions.AllowFullView"/>; null for nobody.</param>
    /// <param name="loggers">For what an operator should know.</param>
    /// <param name="time">For time limits.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="ValidationException">An option is not valid.</exception>
    /// <exception cref="IOException">An address is in use, or a certificate file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate files hold no certificate and its key.</exception>
    public static async Task<HkpServer> StartAsync(
        KeyserverNode node, HkpOptions options, Membership? members, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        List<IPEndPoint> plain = Parse(options.Listen);
        List<IPEndPoint> secure = Parse(options.ListenTls);

        ILogger logger = loggers.CreateLogger<HkpServer>();
        var metrics = new HkpMetrics();
        TlsCertificateSource? certificate = secure.Count == 0
            ? null
            : new TlsCertificateSource(options.TlsCertificateFile!, options.TlsKeyFile!, options.TlsReloadInterval, time, logger);
        var hkp = new HkpContext(node, options, members, metrics, logger, time);
        var routes = new HkpRoutes(hkp);

        List<ListenOptions> plainListeners = [];
        List<ListenOptions> secureListeners = [];
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new WarningsOnlyLoggerFactory(loggers));
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endPoint => ListenSocket.Create(endPoint, [.. plain, .. secure]));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Configure(kestrel, options);
            plain.ForEach(endPoint => kestrel.Listen(endPoint, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.Use(AnswerHalfClosed);
                plainListeners.Add(listener);
            }));
            secure.ForEach(endPoint => kestrel.Listen(endPoint, listener =>
            {
                listener.Protocols = HttpProtocols.Http1AndHttp2;
                listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => Authenticate(certificate!) });
                secureListeners.Add(listener);
            }));
        });

        var server = new HkpServer(builder.Build(), metrics, routes, certificate);
        try
        {
            // Without an address of ours the web server would choose one of its own.
            if (plain.Count + secure.Count > 0)
                await server._server.StartAsync(new HkpApplication(hkp, routes), cancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        hkp.Addresses = server.Addresses = [.. plainListeners.Select(static listener => listener.IPEndPoint!)];
        server.SecureAddresses = [.. secureListeners.Select(static listener => listener.IPEndPoint!)];
        foreach (IPEndPoint endPoint in server.Addresses)
            HkpLog.Listening(logger, endPoint);
        foreach (IPEndPoint endPoint in server.SecureAddresses)
            HkpLog.ListeningSecurely(logger, endPoint);
        return server;
    }

    /// <summary>Stops accepting, gives running requests a moment to end, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;

        using var deadline = new CancellationTokenSource(StopTimeout);
        await _server.StopAsync(deadline.Token);
        await _host.DisposeAsync();
        _badRequests.Dispose();
        _certificate?.Dispose();
        _routes.Dispose();
        _metrics.Dispose();
    }

    private static List<IPEndPoint> Parse(IEnumerable<string> addresses)
    {
        List<IPEndPoint> endPoints = [];
        foreach (string address in addresses)
        {
            if (address != ListenAddress.Off && ListenAddress.TryParse(address, out IPEndPoint? endPoint))
                endPoints.Add(endPoint);
        }

        return endPoints;
    }

    // The web server takes the end of what a client sends for the end of its interest, and drops the answer. Scripts around nc close
    // their side and wait; a client that really has gone is noticed when writing to it. (With a body, the web server still gives up.)
    private static ConnectionDelegate AnswerHalfClosed(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(new ClientPresence(connection.ConnectionClosed));
        connection.ConnectionClosed = CancellationToken.None;
        return next(connection);
    };

    private static ValueTask<SslServerAuthenticationOptions> Authenticate(TlsCertificateSource certificate) =>
        ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current });

    private static void Configure(KestrelServerOptions kestrel, HkpOptions options)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxRequestBodySize = Math.Max(options.MaxRequestBytes, options.MaxHashQueryBytes);
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.RequestHeadersTimeout = options.HeaderTimeout;
        limits.KeepAliveTimeout = options.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(options.MinBytesPerSecond, options.TransferGracePeriod);
        limits.MinResponseDataRate = new MinDataRate(options.MinBytesPerSecond, options.TransferGracePeriod);
    }
}
