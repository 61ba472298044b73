using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

/// <summary>A node in a temporary folder that peers can connect to.</summary>
internal sealed class PeerTestServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ILoggerFactory _loggers;

    private PeerTestServer(TemporaryFolder folder, ILoggerFactory loggers, TestLog log, KeyserverNode node, PeerServer server, FakeSessions sessions) =>
        (_folder, _loggers, Log, Node, Server, Sessions) = (folder, loggers, log, node, server, sessions);

    public TestLog Log { get; }

    public KeyserverNode Node { get; }

    public PeerServer Server { get; }

    /// <summary>What runs instead of sessions, unless real ones were asked for.</summary>
    public FakeSessions Sessions { get; }

    public NodeId Id => Node.Links.Self;

    public string Address => Server.Addresses[0].ToString();

    public static async Task<PeerTestServer> StartAsync(bool withSessions = false, Action<PeerOptions>? configure = null, TimeProvider? time = null)
    {
        var folder = new TemporaryFolder();
        var log = new TestLog();
        ILoggerFactory loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        var options = new PeerOptions { Listen = ["127.0.0.1:0"], RetryInterval = TimeSpan.FromMilliseconds(50) };
        configure?.Invoke(options);
        KeyserverNode node = KeyserverNode.Open(
            new KeyserverOptions { DataDirectory = folder.Combine("db"), MinFreeDiskBytes = 0 }, time ?? TimeProvider.System);
        var sessions = new FakeSessions();
        PeerServer server = await PeerServer.StartAsync(
            new GrpcHostContext(node, new GrpcOptions(), loggers, time ?? TimeProvider.System),
            options,
            context => withSessions ? new PeerSessions(context) : sessions,
            TestContext.Current.CancellationToken);
        return new PeerTestServer(folder, loggers, log, node, server, sessions);
    }

    public int CountLines(string text) => Log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public PeerStatus? StatusOf(NodeId peer) => Node.Peers.Read().FirstOrDefault(status => status.Name == peer.ToString());

    /// <summary>Connects with a certificate.</summary>
    public async Task<PeerConnection> ConnectAsync(X509Certificate2 certificate, NodeId? expected = null, PeerRegistry? registry = null) =>
        await PeerConnection.OpenAsync(
            PeerAddress.Parse(Address),
            expected ?? Id,
            PeerTls.CreateContext(certificate),
            new ByteCount(registry ?? new PeerRegistry()),
            TimeSpan.FromSeconds(30),
            TimeProvider.System,
            TestContext.Current.CancellationToken);

    /// <summary>A channel without a certificate, that takes any server's.</summary>
    public GrpcChannel ConnectAnonymously() => GrpcChannel.ForAddress($"https://{Address}", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        },
        DisposeHttpClient = true,
    });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Node.DisposeAsync();
        _loggers.Dispose();
        _folder.Dispose();
    }
}

/// <summary>Stands for sessions: each runs until it is cancelled or the other side ends it.</summary>
internal sealed class FakeSessions : IPeerSessions
{
    private readonly ConcurrentDictionary<NodeId, int> _running = [];

    public ConcurrentQueue<(NodeId Peer, PeerRole Role)> Started { get; } = [];

    public ConcurrentQueue<SyncMessage> Received { get; } = [];

    public ConcurrentQueue<string> Ended { get; } = [];

    public int Running => _running.Values.Sum();

    // As if nothing had been agreed on yet: so both sides go on as they would.
    public bool IsConnected(NodeId peer) => false;

    public Task WaitUntilGoneAsync(NodeId peer, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<PeerSessionEnd> RunAsync(
        NodeId peer,
        PeerRole role,
        IMessageStream<SyncMessage> sync,
        Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch,
        CancellationToken cancellationToken)
    {
        Started.Enqueue((peer, role));
        _running.AddOrUpdate(peer, 1, static (_, count) => count + 1);
        try
        {
            await foreach (SyncMessage message in sync.ReadAsync(cancellationToken))
            {
                Received.Enqueue(message);
                await sync.WriteAsync(message, cancellationToken);
            }

            return new PeerSessionEnd(true, ErrorCode.Unspecified, null, TimeSpan.Zero);
        }
        catch (OperationCanceledException)
        {
            Ended.Enqueue("cancelled");
            await sync.WriteAsync(new SyncMessage { Error = new Error { Code = ErrorCode.Removed } }, CancellationToken.None);
            return new PeerSessionEnd(true, ErrorCode.Removed, "removed", TimeSpan.Zero);
        }
        finally
        {
            _running.AddOrUpdate(peer, 0, static (_, count) => count - 1);
        }
    }

    public async Task<bool> AttachAsync(NodeId peer, ReadOnlyMemory<byte> session, IMessageStream<FetchMessage> fetch, CancellationToken cancellationToken)
    {
        if (session.Length != 16)
            return false;
        await foreach (FetchMessage message in fetch.ReadAsync(cancellationToken))
            await fetch.WriteAsync(message, cancellationToken);
        return true;
    }
}
