using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Sks.Grpc.Peers;

/// <summary>Builds the host that peers connect to: PeerService for them, and what is for everyone.</summary>
internal static class PeerListener
{
    // Above what a message of this protocol can have: 1 MiB, or one long outline.
    private const int MaxMessageBytes = 4 * 1024 * 1024;
    private const double MinBytesPerSecond = 240;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MinKeepAlive = TimeSpan.FromSeconds(1);

    /// <summary>A host that is not started.</summary>
    /// <param name="context">What the services for clients need.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="endPoints">Where to listen.</param>
    /// <param name="certificate">This node's.</param>
    /// <param name="refused">Told who is refused.</param>
    /// <param name="connections">What becomes of the calls of peers.</param>
    public static WebApplication Build(
        GrpcHostContext context,
        PeerOptions options,
        IReadOnlyList<IPEndPoint> endPoints,
        SslStreamCertificateContext certificate,
        RefusedPeers refused,
        PeerCalls connections)
    {
        ListenerLimits limits = ListenerLimits.ForTcp(context.Options, context.Node.AllowsFullView) with { MaxConnections = options.MaxConnections };
        WebApplicationBuilder builder = GrpcHost.CreateBuilder(context, limits, kestrel =>
        {
            ConfigureLimits(kestrel.Limits, options);
            foreach (IPEndPoint endPoint in endPoints)
                kestrel.Listen(endPoint, listener => ConfigureTls(listener, context, certificate));
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        IServiceCollection services = builder.Services;
        services.AddSingleton(connections);
        services.AddSingleton(new PeerGate(context.Node.Links.Book, refused));
        services.AddSingleton<PeerGrpcService>();
        services.AddGrpc().AddServiceOptions<PeerGrpcService>(static service =>
        {
            service.MaxReceiveMessageSize = MaxMessageBytes;
            service.MaxSendMessageSize = MaxMessageBytes;
            service.Interceptors.Add<PeerGate>();
        });

        WebApplication host = GrpcHost.Build(builder);
        host.MapGrpcService<PeerGrpcService>();
        return host;
    }

    private static void ConfigureLimits(KestrelServerLimits limits, PeerOptions options)
    {
        TimeSpan keepAlive = options.Timeout / 2 > MinKeepAlive ? options.Timeout / 2 : MinKeepAlive;
        limits.Http2.KeepAlivePingDelay = keepAlive;
        limits.Http2.KeepAlivePingTimeout = keepAlive;

        // A peer that reads nothing for a while is busy. It is not gone before its time to answer is over.
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, options.Timeout + MinKeepAlive);
    }

    private static void ConfigureTls(ListenOptions listener, GrpcHostContext context, SslStreamCertificateContext certificate)
    {
        listener.Use(next => connection =>
        {
            var count = new ByteCount(context.Node.Peers);
            connection.Features.Set(count);
            connection.Transport = new CountingPipe(connection.Transport, count);
            return next(connection);
        });
        listener.Protocols = HttpProtocols.Http2;
        listener.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(PeerTls.ForServer(certificate)),
        });
    }
}
