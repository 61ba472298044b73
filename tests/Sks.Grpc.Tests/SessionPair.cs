using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

/// <summary>Two nodes in temporary folders that know each other, and sessions between them over streams in memory.</summary>
internal sealed class SessionPair : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ILoggerFactory _loggers;
    private readonly List<Task> _running = [];
    private CancellationTokenSource _cut = new();

    private SessionPair(Action<KeyserverOptions>? configureFirst, Action<KeyserverOptions>? configureSecond, PeerOptions options)
    {
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        First = Open("first", configureFirst);
        Second = Open("second", configureSecond);
        FirstSessions = new PeerSessions(Context(First, options));
        SecondSessions = new PeerSessions(Context(Second, options));
    }

    public TestLog Log { get; } = new();

    public KeyserverNode First { get; }

    public KeyserverNode Second { get; }

    public PeerSessions FirstSessions { get; }

    public PeerSessions SecondSessions { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<SessionPair> CreateAsync(
        Action<KeyserverOptions>? first = null, Action<KeyserverOptions>? second = null, Action<PeerOptions>? configure = null)
    {
        var options = new PeerOptions { CompareInterval = TimeSpan.FromSeconds(0.2) };
        configure?.Invoke(options);
        var pair = new SessionPair(first, second, options);
        await pair.First.Links.Book.AddAsync(pair.Second.Links.Self, [], Token);
        await pair.Second.Links.Book.AddAsync(pair.First.Links.Self, [], Token);
        return pair;
    }

    /// <summary>Has the first call the second.</summary>
    /// <returns>How the session ends on both sides.</returns>
    public (Task<PeerSessionEnd> First, Task<PeerSessionEnd> Second) Connect(int capacity = 16, bool firstCalls = true)
    {
        (KeyserverNode client, PeerSessions clientSessions) = firstCalls ? (First, FirstSessions) : (Second, SecondSessions);
        (KeyserverNode server, PeerSessions serverSessions) = firstCalls ? (Second, SecondSessions) : (First, FirstSessions);
        (MemoryDuplex<SyncMessage> clientSync, MemoryDuplex<SyncMessage> serverSync) = MemoryDuplex<SyncMessage>.Create(capacity);
        CancellationToken cut = _cut.Token;
        Task<PeerSessionEnd> served = CloseAfterAsync(
            serverSessions.RunAsync(client.Links.Self, PeerRole.Responder, serverSync, null, cut), serverSync);
        Task<PeerSessionEnd> called = CloseAfterAsync(
            clientSessions.RunAsync(server.Links.Self, PeerRole.Initiator, clientSync, OpenFetchAsync, cut), clientSync);
        _running.AddRange([served, called]);
        return firstCalls ? (called, served) : (served, called);

        Task<IMessageStream<FetchMessage>> OpenFetchAsync(CancellationToken cancellationToken)
        {
            (MemoryDuplex<FetchMessage> clientFetch, MemoryDuplex<FetchMessage> serverFetch) = MemoryDuplex<FetchMessage>.Create(capacity);
            _running.Add(AttachAsync(serverSessions, client.Links.Self, serverFetch, cut));
            return Task.FromResult<IMessageStream<FetchMessage>>(clientFetch);
        }
    }

    /// <summary>Has somebody else call the first under the identity of the second.</summary>
    public (Task<PeerSessionEnd> Session, ScriptedPeer Peer) Script()
    {
        (MemoryDuplex<SyncMessage> near, MemoryDuplex<SyncMessage> far) = MemoryDuplex<SyncMessage>.Create(16);
        (MemoryDuplex<FetchMessage> nearFetch, MemoryDuplex<FetchMessage> farFetch) = MemoryDuplex<FetchMessage>.Create(16);
        Task<PeerSessionEnd> session = CloseAfterAsync(
            FirstSessions.RunAsync(Second.Links.Self, PeerRole.Initiator, near, OpenFetchAsync, _cut.Token), near);
        _running.Add(session);
        return (session, new ScriptedPeer(far) { Fetch = farFetch });

        Task<IMessageStream<FetchMessage>> OpenFetchAsync(CancellationToken cancellationToken) => Task.FromResult<IMessageStream<FetchMessage>>(nearFetch);
    }

    /// <summary>Has somebody call the first, who says what the test wants, and has a Fetch stream that nothing passes over.</summary>
    public (Task<PeerSessionEnd> Session, ScriptedPeer Peer) ScriptCaller()
    {
        (MemoryDuplex<SyncMessage> near, MemoryDuplex<SyncMessage> far) = MemoryDuplex<SyncMessage>.Create(16);
        Task<PeerSessionEnd> session = CloseAfterAsync(
            FirstSessions.RunAsync(Second.Links.Self, PeerRole.Responder, near, openFetch: null, _cut.Token), near);
        _running.Add(session);
        return (session, new ScriptedPeer(far)
        {
            Greeted = hello => _ = FirstSessions.AttachAsync(
            Second.Links.Self, hello.Session.Memory, MemoryDuplex<FetchMessage>.Create(16).First, _cut.Token)
        });
    }

    /// <summary>A hello that the second could have said.</summary>
    public Hello HelloOfSecond(Action<Hello> change)
    {
        var hello = new Hello
        {
            ProtocolVersions = { PeerAgreement.ProtocolVersion },
            Set = PeerAgreement.CleanView,
            PolicyVersions = { 1 },
            Instance = ByteString.CopyFrom(Second.Links.Instance.Span),
            Nonce = ByteString.CopyFrom(new byte[LinkKeyAgreement.NonceLength]),
        };
        change(hello);
        return hello;
    }

    /// <summary>Cuts all connections.</summary>
    public async Task CutAsync()
    {
        await _cut.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _running.Clear();
        _cut.Dispose();
        _cut = new CancellationTokenSource();
    }

    /// <summary>Waits until both hold the same clean views.</summary>
    public Task WaitUntilEqualAsync(int count) => WaitAsync(
        () =>
        {
            List<string> first = Digests(First);
            return first.Count == count && first.SequenceEqual(Digests(Second));
        },
        $"both hold the same {count}");

    /// <summary>Waits for something; a failure comes with what was logged.</summary>
    public async Task WaitAsync(Func<bool> condition, string what)
    {
        try
        {
            await Eventually.IsTrueAsync(_ => Task.FromResult(condition()), what, cancellationToken: Token);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}; {Digests(First).Count} and {Digests(Second).Count} certificates\n{string.Join('\n', Log.Lines)}");
        }
    }

    /// <summary>Digests of all clean views, in order.</summary>
    public static List<string> Digests(KeyserverNode node) =>
        [.. node.ReadAll(ServedView.Clean).Select(static certificate => certificate.ContentDigest!.Value.ToString()).Order(StringComparer.Ordinal)];

    public PeerStatus StatusOfSecond() => First.Peers.Read().Single(peer => peer.Name == Second.Links.Self.ToString());

    public PeerStatus StatusOfFirst() => Second.Peers.Read().Single(peer => peer.Name == First.Links.Self.ToString());

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
        _loggers.Dispose();
        _cut.Dispose();
        _folder.Dispose();
    }

    private static async Task<PeerSessionEnd> CloseAfterAsync(Task<PeerSessionEnd> session, MemoryDuplex<SyncMessage> stream)
    {
        try
        {
            return await session;
        }
        finally
        {
            stream.Close();
        }
    }

    // A client that is stopped right after it has opened the stream says nothing on it.
    private static async Task AttachAsync(PeerSessions sessions, NodeId client, MemoryDuplex<FetchMessage> stream, CancellationToken cut)
    {
        try
        {
            IAsyncEnumerator<FetchMessage> messages = stream.ReadAsync(cut).GetAsyncEnumerator(cut);
            Assert.True(await messages.MoveNextAsync());
            FetchStart start = messages.Current.Start;
            await messages.DisposeAsync();
            Assert.True(await sessions.AttachAsync(client, start.Session.Memory, stream, Token));
        }
        finally
        {
            stream.Close();
        }
    }

    private KeyserverNode Open(string name, Action<KeyserverOptions>? configure)
    {
        var options = new KeyserverOptions { DataDirectory = _folder.Combine(name), MinFreeDiskBytes = 0 };
        configure?.Invoke(options);
        return KeyserverNode.Open(options, TimeProvider.System);
    }

    private PeerContext Context(KeyserverNode node, PeerOptions options) =>
        new(node, options, [], _loggers.CreateLogger<PeerSessions>(), TimeProvider.System);
}
