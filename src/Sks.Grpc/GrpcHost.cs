using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sks.Grpc.Peers;
using Sks.Keys.V1;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>What the services of a host need.</summary>
internal sealed record GrpcHostContext(KeyserverNode Node, GrpcOptions Options, ILoggerFactory Loggers, TimeProvider Time)
{
    /// <summary>What deals with peers, for the operator's service; null where nothing does.</summary>
    public PeerServer? Peers { get; init; }

    /// <summary>What keeps mails, for the operator's service; null where none are taken in.</summary>
    public IMailIntake? Mail { get; init; }
}

/// <summary>Builds a web host that speaks gRPC only. It reads no configuration and no signals: whoever embeds it decides.</summary>
internal static class GrpcHost
{
    // Several hundred KiB are on their way at some ms and 100 MB/s. A call that is not read on holds that much of its connection's window, and of
    // what was read up to half a window is not yet given back: what is left is for the other calls, which must not stand still for it.
    private const int StreamWindowBytes = 768 * 1024;
    private const int ConnectionWindowBytes = 2 * 1024 * 1024;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlivePingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HealthPeriod = TimeSpan.FromSeconds(5);

    /// <summary>A host to be, to which the caller adds what only it has.</summary>
    public static WebApplicationBuilder CreateBuilder(GrpcHostContext context, ListenerLimits limits, Action<KestrelServerOptions> listen)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            ConfigureLimits(kestrel, limits);
            listen(kestrel);
        });

        IServiceCollection services = builder.Services;
        services.AddSingleton(context.Loggers);
        services.AddSingleton(context.Time);
        services.AddSingleton(context.Node);
        services.AddSingleton(context.Options);
        services.AddSingleton(limits);
        services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        AddGrpc(services, context.Options, limits);
        return builder;
    }

    /// <summary>The host, with KeyService, health and reflection; the caller maps what else it serves.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        WebApplication app = builder.Build();
        app.MapGrpcService<KeyGrpcService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    /// <summary>Starts to listen; a host that cannot is disposed.</summary>
    /// <exception cref="IOException">An address is taken.</exception>
    public static async Task<WebApplication> StartAsync(WebApplication host, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops and disposes a host; open streams end with <c>UNAVAILABLE</c>.</summary>
    public static async Task StopAsync(WebApplication? host)
    {
        if (host is null)
            return;
        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await host.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The TCP addresses that a started host listens on, with the real ports.</summary>
    public static IReadOnlyList<IPEndPoint> ReadAddresses(WebApplication host) => [.. host.Urls.Select(ReadEndPoint)];

    private static void ConfigureLimits(KestrelServerOptions kestrel, ListenerLimits limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;

        // A client that vanished without a word holds its Watch until a ping goes unanswered.
        kestrel.Limits.Http2.KeepAlivePingDelay = KeepAlivePingDelay;
        kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http2);
    }

    private static void AddGrpc(IServiceCollection services, GrpcOptions options, ListenerLimits limits)
    {
        // One instance, so that what it counts is counted for the listener and not for the call.
        services.AddSingleton<KeyGrpcService>();
        services.AddGrpc(grpc =>
        {
            grpc.EnableDetailedErrors = false;
            grpc.MaxReceiveMessageSize = options.MaxReceiveMessageBytes;
            grpc.MaxSendMessageSize = limits.MaxSendMessageBytes;
            grpc.Interceptors.Add<ErrorInterceptor>();
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(health =>
        {
            health.Services.Map("", static _ => true);
            health.Services.Map(KeyService.Descriptor.FullName, static _ => true);
        }).AddCheck<StoreHealthCheck>("store");
        services.Configure<Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckPublisherOptions>(static publisher =>
        {
            publisher.Delay = TimeSpan.Zero;
            publisher.Period = HealthPeriod;
        });
    }

    private static IPEndPoint ReadEndPoint(string url)
    {
        var uri = new Uri(url);
        return new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port);
    }

    // The usual lifetime takes SIGTERM for itself.
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
