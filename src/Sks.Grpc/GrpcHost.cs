using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
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
}

/// <summary>Builds a web host that speaks gRPC only. It reads no configuration and no signals: whoever embeds it decides.</summary>
internal static class GrpcHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlivePingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HealthPeriod = TimeSpan.FromSeconds(5);

    /// <summary>A host with KeyService, health and reflection; with AdminService if asked for.</summary>
    public static WebApplication Build(
        GrpcHostContext context,
        ListenerLimits limits,
        bool withAdminService,
        Action<KestrelServerOptions> listen,
        Action<SocketTransportOptions>? configureSockets = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            ConfigureLimits(kestrel, limits);
            listen(kestrel);
        });

        if (configureSockets is not null)
            builder.WebHost.UseSockets(configureSockets);

        IServiceCollection services = builder.Services;
        services.AddSingleton(context.Loggers);
        services.AddSingleton(context.Time);
        services.AddSingleton(context.Node);
        services.AddSingleton(context.Options);
        services.AddSingleton(limits);
        services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddSingleton(provider => new AdminGrpcService(
            context.Node, context.Peers, context.Time, provider.GetRequiredService<IHostApplicationLifetime>()));
        AddGrpc(services, context.Options, limits);

        WebApplication app = builder.Build();
        app.MapGrpcService<KeyGrpcService>();
        if (withAdminService)
            app.MapGrpcService<AdminGrpcService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    private static void ConfigureLimits(KestrelServerOptions kestrel, ListenerLimits limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections;

        // A client that vanished without a word holds its Watch until a ping goes unanswered.
        kestrel.Limits.Http2.KeepAlivePingDelay = KeepAlivePingDelay;
        kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http2);
    }

    private static void AddGrpc(IServiceCollection services, GrpcOptions options, ListenerLimits limits)
    {
        // One instance each, so that what they count is counted for the listener and not for the call.
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

    // The usual lifetime takes SIGTERM for itself.
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
