using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sks.Grpc.Peers;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>The gRPC side of a running node: clients' services on loopback TCP, the operator's as well on a Unix socket.</summary>
/// <remarks>Two hosts, so that nothing but its own wiring could ever put the operator's services on TCP.</remarks>
public sealed class GrpcServer : IAsyncDisposable
{
    private readonly WebApplication? _socketHost;
    private readonly WebApplication? _tcpHost;
    private readonly string? _socketPath;

    private GrpcServer(WebApplication? socketHost, WebApplication? tcpHost, string? socketPath)
    {
        _socketHost = socketHost;
        _tcpHost = tcpHost;
        _socketPath = socketPath;
        Addresses = tcpHost is null ? [] : GrpcHost.ReadAddresses(tcpHost);
    }

    /// <summary>The TCP addresses it listens on, with the real ports.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="node">What to serve; it stays the caller's, and must outlive the server.</param>
    /// <param name="options">Where to listen and how much to take on.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OptionsValidationException">An option has a value it cannot have.</exception>
    /// <exception cref="IOException">An address is taken, or another process serves on the socket.</exception>
    public static Task<GrpcServer> StartAsync(
        KeyserverNode node, GrpcOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(node, options, peers: null, mail: null, loggers, time, cancellationToken);

    /// <summary>Starts to listen, for a node that deals with peers.</summary>
    /// <param name="node">What to serve; it stays the caller's, and must outlive the server.</param>
    /// <param name="options">Where to listen and how much to take on.</param>
    /// <param name="peers">What the operator invites peers with; it stays the caller's. Null for nothing.</param>
    /// <param name="mail">What keeps the mails that the operator hands over; it stays the caller's. Null for none.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OptionsValidationException">An option has a value it cannot have.</exception>
    /// <exception cref="IOException">An address is taken, or another process serves on the socket.</exception>
    public static async Task<GrpcServer> StartAsync(
        KeyserverNode node,
        GrpcOptions options,
        PeerServer? peers,
        IMailIntake? mail,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        ValidateOptionsResult validity = new GrpcOptionsValidator().Validate(Options.DefaultName, options);
        if (validity.Failed)
            throw new OptionsValidationException(GrpcOptions.Section, typeof(GrpcOptions), validity.Failures);

        var context = new GrpcHostContext(node, options, loggers, time) { Peers = peers, Mail = mail };
        ILogger logger = loggers.CreateLogger<GrpcServer>();
        WebApplication? socketHost = null;
        WebApplication? tcpHost = null;
        try
        {
            if (options.AdminSocketPath is { } path)
            {
                socketHost = await StartSocketHostAsync(context, path, logger, cancellationToken).ConfigureAwait(false);
                GrpcLog.Listening(logger, path);
            }

            IReadOnlyList<IPEndPoint> endPoints = GrpcOptionsValidator.ReadListen(options);
            if (endPoints.Count > 0)
                tcpHost = await StartTcpHostAsync(context, endPoints, cancellationToken).ConfigureAwait(false);

            var server = new GrpcServer(socketHost, tcpHost, options.AdminSocketPath);
            foreach (IPEndPoint address in server.Addresses)
                GrpcLog.Listening(logger, address.ToString());
            return server;
        }
        catch
        {
            await StopAsync(socketHost, tcpHost, options.AdminSocketPath).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops listening; open streams end with <c>UNAVAILABLE</c>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(_socketHost, _tcpHost, _socketPath).ConfigureAwait(false);

    private static Task<WebApplication> StartSocketHostAsync(
        GrpcHostContext context, string path, ILogger logger, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = GrpcHost.CreateBuilder(context, ListenerLimits.ForSocket, kestrel => kestrel.ListenUnixSocket(path));
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = _ => AdminSocket.Bind(path, logger));
        builder.Services.AddSingleton(services => new AdminGrpcService(
            context.Node, context.Peers, context.Mail, context.Time, services.GetRequiredService<IHostApplicationLifetime>()));
        WebApplication host = GrpcHost.Build(builder);
        host.MapGrpcService<AdminGrpcService>();
        return GrpcHost.StartAsync(host, cancellationToken);
    }

    private static Task<WebApplication> StartTcpHostAsync(
        GrpcHostContext context, IReadOnlyList<IPEndPoint> endPoints, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = GrpcHost.CreateBuilder(context, ListenerLimits.ForTcp(context.Options, context.Node.AllowsFullView), kestrel =>
        {
            foreach (IPEndPoint endPoint in endPoints)
                kestrel.Listen(endPoint);
        });
        return GrpcHost.StartAsync(GrpcHost.Build(builder), cancellationToken);
    }

    private static async Task StopAsync(WebApplication? socketHost, WebApplication? tcpHost, string? socketPath)
    {
        await Task.WhenAll(GrpcHost.StopAsync(socketHost), GrpcHost.StopAsync(tcpHost)).ConfigureAwait(false);
        if (socketHost is not null)
            File.Delete(socketPath!);
    }
}
