using Microsoft.Extensions.Logging.Abstractions;
using Sks.Grpc;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>A node in the process of the tests that nodes call; what it says in Sync is changed on the way out.</summary>
internal sealed class TamperingServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly KeyserverNode _node;
    private readonly PeerServer _server;

    private TamperingServer(TemporaryFolder folder, KeyserverNode node, PeerServer server) => (_folder, _node, _server) = (folder, node, server);

    /// <summary>What nodes know it by.</summary>
    public string Id => _node.Links.Self.ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts it with some certificates.</summary>
    /// <param name="keyring">What it holds.</param>
    /// <param name="tamper">What it sends instead of a message; may have no end.</param>
    public static async Task<TamperingServer> StartAsync(byte[] keyring, Func<SyncMessage, IEnumerable<SyncMessage>> tamper)
    {
        var folder = new TemporaryFolder();
        KeyserverNode node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = folder.Combine("data"), MinFreeDiskBytes = 0 }, TimeProvider.System);
        await foreach (SubmissionOutcome outcome in node.Submissions.ImportAsync(new MemoryStream(keyring), Token))
            Assert.Equal(SubmissionResult.Added, outcome.Result);
        PeerServer server = await PeerServer.StartAsync(
            new GrpcHostContext(node, new GrpcOptions(), NullLoggerFactory.Instance, TimeProvider.System),
            new PeerOptions { Listen = ["127.0.0.1:0"] },
            context => new TamperedSessions(new PeerSessions(context), tamper),
            Token);
        return new TamperingServer(folder, node, server);
    }

    /// <summary>Makes the two peers: the other one calls.</summary>
    public async Task JoinAsync(PeerNode caller)
    {
        Assert.True(NodeId.TryParse(caller.Id, out NodeId id));
        await _node.Links.Book.AddAsync(id, [], Token);
        await caller.AddAsync(_server.Addresses[0], Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class TamperedSessions(PeerSessions sessions, Func<SyncMessage, IEnumerable<SyncMessage>> tamper) : IPeerSessions
    {
        public bool IsConnected(NodeId peer) => sessions.IsConnected(peer);

        public Task WaitUntilGoneAsync(NodeId peer, CancellationToken cancellationToken) => sessions.WaitUntilGoneAsync(peer, cancellationToken);

        public Task<PeerSessionEnd> RunAsync(
            NodeId peer,
            PeerRole role,
            IMessageStream<SyncMessage> sync,
            Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch,
            CancellationToken cancellationToken) =>
            sessions.RunAsync(peer, role, new TamperedStream(sync, tamper), openFetch, cancellationToken);

        public Task<bool> AttachAsync(NodeId peer, ReadOnlyMemory<byte> session, IMessageStream<FetchMessage> fetch, CancellationToken cancellationToken) =>
            sessions.AttachAsync(peer, session, fetch, cancellationToken);
    }

    private sealed class TamperedStream(IMessageStream<SyncMessage> stream, Func<SyncMessage, IEnumerable<SyncMessage>> tamper) : IMessageStream<SyncMessage>
    {
        public async Task WriteAsync(SyncMessage message, CancellationToken cancellationToken)
        {
            foreach (SyncMessage changed in tamper(message))
                await stream.WriteAsync(changed, cancellationToken);
        }

        public IAsyncEnumerable<SyncMessage> ReadAsync(CancellationToken cancellationToken) => stream.ReadAsync(cancellationToken);
    }
}
