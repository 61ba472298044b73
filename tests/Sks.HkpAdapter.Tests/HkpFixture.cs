using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests;

/// <summary>A node in a folder of its own, served by a real <see cref="HkpServer"/> on a free port.</summary>
public sealed class HkpFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private HkpFixture(Action<HkpOptions>? configure, KeyserverOptions? node)
    {
        node ??= new KeyserverOptions();
        node.DataDirectory = _folder.Combine("store");
        node.MinFreeDiskBytes = 0;
        Node = KeyserverNode.Open(node, TimeProvider.System);
        Options.Listen.Clear();
        Options.Listen.Add("127.0.0.1:0");
        configure?.Invoke(Options);
    }

    public KeyserverNode Node { get; }

    public HkpOptions Options { get; } = new();

    public HkpServer Server { get; private set; } = null!;

    public Membership? Members { get; private set; }

    public RecordingLoggers Loggers { get; } = new();

    public IPEndPoint EndPoint => Server.Addresses[0];

    public static async Task<HkpFixture> StartAsync(
        byte[]? keyring = null,
        Action<HkpOptions>? configure = null,
        KeyserverOptions? node = null,
        TimeProvider? time = null,
        ReconOptions? recon = null)
    {
        var fixture = new HkpFixture(configure, node);
        if (keyring is not null)
            await fixture.ImportAsync(keyring);
        if (recon is not null)
        {
            fixture.Members = await Membership.StartAsync(
                recon, fixture.Node.Peers, new SystemHostResolver(), fixture.Loggers, time ?? TimeProvider.System, default);
        }

        fixture.Server = await HkpServer.StartAsync(
            fixture.Node, fixture.Options, fixture.Members, fixture.Loggers, time ?? TimeProvider.System, default);
        return fixture;
    }

    public async Task ImportAsync(byte[] keyring)
    {
        await foreach (SubmissionOutcome outcome in Node.Submissions.SubmitAsync(keyring, SubmissionOrigin.Import, default))
            Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<RawHttpResponse> ExchangeAsync(string request) => ExchangeAsync(Encoding.Latin1.GetBytes(request));

    public Task<RawHttpResponse> ExchangeAsync(byte[] request, IPEndPoint? endPoint = null) =>
        RawHttp.ExchangeAsync(endPoint ?? EndPoint, request, null, Token);

    public Task<RawHttp> ConnectAsync() => RawHttp.ConnectAsync(EndPoint, null, Token);

    public Task<RawHttpResponse> GetAsync(string target, string headers = "") => ExchangeAsync($"GET {target} HTTP/1.0\r\n{headers}\r\n");

    public Task<RawHttpResponse> PostAsync(string target, byte[] body, string headers = "Content-Type: application/x-www-form-urlencoded\r\n") =>
        ExchangeAsync((byte[])[.. Encoding.Latin1.GetBytes($"POST {target} HTTP/1.0\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body]);

    public Task<RawHttpResponse> SubmitAsync(byte[] keyring, string options = "") =>
        PostAsync("/pks/add", Encoding.ASCII.GetBytes("keytext=" + Uri.EscapeDataString(Synthetic.Armor(keyring)) + options));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (Members is not null)
            await Members.DisposeAsync();
        await Node.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Keeps everything that is logged, at every level.</summary>
public sealed class RecordingLoggers : ILoggerFactory, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
}
