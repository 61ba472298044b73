using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sks.HkpAdapter;
using Sks.Node;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>A node of ours with its HKP server, alone or behind nginx with the configuration that <c>docs/</c> recommends.</summary>
internal sealed class HkpKeyserver : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly KeyserverNode _node;
    private HkpServer? _server;
    private NginxProxy? _proxy;

    private HkpKeyserver()
    {
        var options = new KeyserverOptions { DataDirectory = _folder.Combine("store"), MinFreeDiskBytes = 0 };
        _node = KeyserverNode.Open(options, TimeProvider.System);
    }

    public KeyserverNode Node => _node;

    public IPEndPoint EndPoint => _proxy?.EndPoint ?? _server!.Addresses[0];

    public Uri Uri => new($"hkp://{EndPoint}");

    public static async Task<HkpKeyserver> StartAsync(bool behindNginx, CancellationToken cancellationToken)
    {
        var keyserver = new HkpKeyserver();
        try
        {
            var options = new HkpOptions();
            options.Listen.Clear();
            options.Listen.Add("127.0.0.1:0");
            keyserver._server = await HkpServer.StartAsync(
                keyserver._node, options, NullLoggerFactory.Instance, TimeProvider.System, cancellationToken);
            if (behindNginx)
                keyserver._proxy = await StartProxyAsync(keyserver._server.Addresses[0], cancellationToken);
            return keyserver;
        }
        catch
        {
            await keyserver.DisposeAsync();
            throw;
        }
    }

    /// <summary>The recommended configuration, with nothing but addresses and the log changed.</summary>
    public static async Task<NginxProxy> StartProxyAsync(IPEndPoint upstream, CancellationToken cancellationToken)
    {
        string site = await File.ReadAllTextAsync(Path.Combine(FindRoot(), "docs", "nginx.conf"), cancellationToken);
        Assert.Contains("listen 80;", site, StringComparison.Ordinal);
        site = site
            .Replace("  listen 80;", "  listen @listen@;", StringComparison.Ordinal)
            .Replace("127.0.0.1:11371", "@upstream@", StringComparison.Ordinal)
            .Replace("/var/log/nginx/error.log", "stderr", StringComparison.Ordinal);
        return await NginxProxy.StartAsync(upstream, site, null, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sks.slnx")))
            folder = folder.Parent;
        return folder!.FullName;
    }
}
