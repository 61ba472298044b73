using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Peer.V1;

namespace Sks.Grpc.Tests;

public sealed class PeerCallsTests : IAsyncDisposable
{
    private static readonly NodeId Other = new(7, 7);
    private readonly PeerNode _node = new();
    private readonly PeerCalls _calls;
    private readonly PeerContacts _contacts;

    public PeerCallsTests()
    {
        var context = new PeerContext(_node.Node, new PeerOptions(), [], NullLogger.Instance, TimeProvider.System);
        var sessions = new FakeSessions();
        _calls = new PeerCalls(_node.Node, NullLogger.Instance, TimeProvider.System);
        _contacts = new PeerContacts(context, sessions, new NoDialer(), new RetryPause(TimeSpan.FromHours(1), static () => 0));
        _calls.SetReady(sessions, _contacts);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_a_Fetch_stream_is_told_that_this_node_stops()
    {
        await _node.Node.Links.Book.AddAsync(Other, [], Token);
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(1);
        Task<bool> fetch = _calls.FetchAsync(Other, far, Token);
        await near.WriteAsync(new FetchMessage { Start = new FetchStart { Session = Google.Protobuf.ByteString.CopyFrom(new byte[16]) } }, Token);
        Assert.False(fetch.IsCompleted);

        await _contacts.DisposeAsync();

        await RpcFailure.AssertFailsAsync(StatusCode.Unavailable, "SHUTTING_DOWN", () => fetch);
    }

    [Fact]
    public async Task Who_is_removed_is_told_that_it_is_no_peer()
    {
        await _node.Node.Links.Book.AddAsync(Other, [], Token);
        _contacts.Start();
        Task<bool> fetch = _calls.FetchAsync(Other, MemoryDuplex<FetchMessage>.Create(1).First, Token);

        Assert.True(await _node.Node.Links.Book.RemoveAsync(Other, Token));

        await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "PEER_NOT_LISTED", () => fetch);
    }

    [Fact]
    public async Task A_call_that_its_maker_cancels_just_ends()
    {
        await _node.Node.Links.Book.AddAsync(Other, [], Token);
        using var cancelled = new CancellationTokenSource();
        Task<bool> fetch = _calls.FetchAsync(Other, MemoryDuplex<FetchMessage>.Create(1).First, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_contacts.IsStopping)
            await _contacts.DisposeAsync();
        await _node.DisposeAsync();
    }

    private sealed class NoDialer : IPeerDialer
    {
        public Task<PeerSessionEnd> DialAsync(NodeId peer, IReadOnlyList<string> addresses, CancellationToken cancellationToken) =>
            Task.FromResult(new PeerSessionEnd(false, ErrorCode.Unspecified, "nobody there", TimeSpan.Zero));
    }
}
