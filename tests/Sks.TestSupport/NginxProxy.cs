using System.Net;

namespace Sks.TestSupport;

/// <summary>A real nginx as reverse proxy in front of a server, on a free loopback port.</summary>
/// <remarks>
/// A site configuration is what one would put into <c>sites-available</c>: <c>server</c> blocks and others of the
/// <c>http</c> level. In it <c>@listen@</c> stands for address and port to listen on (used exactly once), <c>@upstream@</c>
/// for the address and port of the server behind, and <c>@folder@</c> for a folder of nginx's own.
/// </remarks>
public sealed class NginxProxy : IAsyncDisposable
{
    /// <summary>Passes everything on.</summary>
    public const string PassEverything =
        """
        server {
          listen @listen@;
          location / {
            proxy_pass http://@upstream@;
          }
        }
        """;

    private readonly TemporaryFolder _folder;
    private readonly FreePort _port;
    private readonly RunningProcess _process;

    private NginxProxy(TemporaryFolder folder, FreePort port, RunningProcess process)
    {
        _folder = folder;
        _port = port;
        _process = process;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _port.EndPoint;

    /// <summary>For HTTP clients: <c>http://ADDRESS:PORT/</c>.</summary>
    public Uri Uri => new($"http://{EndPoint}/");

    /// <summary>For gpg: <c>hkp://ADDRESS:PORT</c>.</summary>
    public Uri KeyserverUri => new($"hkp://{EndPoint}");

    /// <summary>nginx's error log, line by line.</summary>
    public IReadOnlyList<string> Log => _process.Output;

    /// <summary>Starts nginx and returns when it accepts. Skips or fails the test when there is no nginx.</summary>
    /// <param name="site">Site configuration. Default: <see cref="PassEverything"/>.</param>
    /// <param name="replacements">Further texts to replace in <paramref name="site"/>, such as the paths of certificates.</param>
    /// <exception cref="InvalidOperationException">nginx refuses the configuration; the message says why.</exception>
    public static async Task<NginxProxy> StartAsync(
        IPEndPoint upstream,
        string? site = null,
        IReadOnlyDictionary<string, string>? replacements = null,
        CancellationToken cancellationToken = default)
    {
        var nginx = InteropTool.Require("nginx");
        site ??= PassEverything;
        if (!site.Contains("@listen@", StringComparison.Ordinal))
            throw new ArgumentException("has no @listen@", nameof(site));

        var folder = new TemporaryFolder();
        var port = FreePort.Reserve();
        foreach (var (text, value) in replacements ?? new Dictionary<string, string>())
            site = site.Replace(text, value, StringComparison.Ordinal);
        site = site
            .Replace("@listen@", port.EndPoint.ToString(), StringComparison.Ordinal)
            .Replace("@upstream@", upstream.ToString(), StringComparison.Ordinal)
            .Replace("@folder@", folder.Path, StringComparison.Ordinal);
        var configuration = folder.Combine("nginx.conf");
        await File.WriteAllTextAsync(configuration, MainConfiguration(folder.Path, site), cancellationToken).ConfigureAwait(false);

        var process = RunningProcess.Start(new ProcessCommand(nginx, "-e", "stderr", "-p", folder.Path, "-c", configuration));
        var proxy = new NginxProxy(folder, port, process);
        try
        {
            await process.WaitForPortAsync(port.EndPoint, null, cancellationToken).ConfigureAwait(false);
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Kills nginx and deletes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync().ConfigureAwait(false);
        _port.Dispose();
        _folder.Dispose();
    }

    private static string MainConfiguration(string folder, string site) =>
        $$"""
        daemon off;
        worker_processes 1;
        pid {{folder}}/nginx.pid;
        lock_file {{folder}}/nginx.lock;
        error_log stderr info;
        {{(Environment.IsPrivilegedProcess ? "user root;" : "# workers run as whoever started the test")}}
        events { worker_connections 256; }
        http {
          access_log off;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
        {{site}}
        }
        """;
}
