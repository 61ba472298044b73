using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prometheus;
using Sks.Node;
using Sks.Server.Configuration;

namespace Sks.Server.Hosting;

/// <summary>Serves numbers about this process to Prometheus, on a listener of its own.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private const string Path = "/metrics";

    private readonly WebApplication? _application;
    private IDisposable? _source;

    private MetricsServer(WebApplication? application) => _application = application;

    /// <summary>Where it listens, with the real ports.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private init; } = [];

    /// <summary>Starts to listen where <paramref name="options"/> say; with no address it does nothing.</summary>
    public static async Task<MetricsServer> StartAsync(MetricsOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        List<IPEndPoint> listen = [.. Parse(options.Listen)];
        if (listen.Count == 0)
            return new MetricsServer(null);

        CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen.ForEach(kestrel.Listen);
        });
        WebApplication application = builder.Build();
        application.UseRouting();
        application.MapMetrics(Path, registry);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        var server = new MetricsServer(application) { Addresses = ReadAddresses(application) };
        server._source = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Prometheus.Metrics.WithCustomRegistry(registry),
            InstrumentFilterPredicate = IsOurs,
        });
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
        _source?.Dispose();
    }

    private static bool IsOurs(Instrument instrument) =>
        instrument.Meter.Name.StartsWith("Sks.", StringComparison.Ordinal) || instrument.Meter.Name == "System.Runtime";

    private static IEnumerable<IPEndPoint> Parse(IEnumerable<string> addresses)
    {
        foreach (string address in addresses)
        {
            if (ListenAddress.TryParse(address, out IPEndPoint? endPoint))
                yield return endPoint;
        }
    }

    private static List<IPEndPoint> ReadAddresses(WebApplication application) =>
    [
        .. application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Select(address => new Uri(address))
            .Select(uri => new IPEndPoint(IPAddress.Parse(uri.DnsSafeHost), uri.Port)),
    ];
}
