using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sks.HkpAdapter.Recon;
using Sks.Reconciliation;
using Sks.Reconciliation.Sessions;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Sessions over real connections on loopback.</summary>
public sealed class ReconListenerTests : IAsyncDisposable
{
    private static readonly ReconConfiguration Own = new(["yminsky.dedup", "yminsky.merge"], 11371);

    private readonly ConcurrentQueue<IncomingRecon> _incoming = new();
    private readonly ConcurrentQueue<ReconOutcome> _outcomes = new();
    private readonly RecordingLoggers _loggers = new();
    private ReconListener? _listener;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
            await _listener.DisposeAsync();
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task Two_nodes_find_what_only_the_other_has(string listen)
    {
        var random = new Random(1);
        List<Element> elements = [.. Enumerable.Range(0, 3000).Select(_ => new Element(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64())))];
        IPEndPoint endPoint = await StartAsync(listen, new MemoryTree(elements[..2900]), _ => "peer");

        await using OutgoingRecon outgoing = await Dialer(listen).ConnectAsync(endPoint, Token);
        ReconOutcome outcome = await outgoing.Connection.RunAsync(
            Own, _ => new InitiatorSession(new MemoryTree(elements[100..]), SessionLimits.Default), Token);

        Assert.Null(outcome.Failure);
        Assert.Equal(elements[..100].Order(), outcome.Session!.RemoteOnly);
        await Eventually.IsTrueAsync(() => !_outcomes.IsEmpty, "the responder's result", cancellationToken: Token);
        ReconOutcome other = Assert.Single(_outcomes);
        Assert.Equal(elements[2900..].Order(), other.Session!.RemoteOnly);
        Assert.Equal((outcome.BytesReceived, outcome.BytesSent), (other.BytesSent, other.BytesReceived));
        Assert.Equal("peer", Assert.Single(_incoming).Peer);
        Assert.Contains(_loggers.Lines, line => line.Contains($"2111 SKS recon listens on {endPoint}.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stranger_is_closed_without_a_byte()
    {
        IPEndPoint endPoint = await StartAsync("127.0.0.1:0", new MemoryTree([]), static _ => null);

        await using OutgoingRecon outgoing = await Dialer("127.0.0.1:0").ConnectAsync(endPoint, Token);
        ReconOutcome outcome = await outgoing.Connection.RunAsync(Own, static _ => throw new UnreachableException(), Token);

        Assert.Equal(0, outcome.BytesReceived);
        Assert.Null(outcome.Session);
        Assert.Empty(_incoming);
        Assert.Contains(_loggers.Lines, static line => line.Contains("127.0.0.1 was closed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_peer_is_known_by_the_address_it_connects_from()
    {
        var asked = new ConcurrentQueue<IPAddress>();
        IPEndPoint endPoint = await StartAsync("127.0.0.1:0", new MemoryTree([]), address =>
        {
            asked.Enqueue(address);
            return "peer";
        });

        await using OutgoingRecon outgoing = await Dialer("127.0.0.3:0").ConnectAsync(endPoint, Token);
        await outgoing.Connection.RunAsync(Own, static _ => new InitiatorSession(new MemoryTree([]), SessionLimits.Default), Token);

        Assert.Equal(IPAddress.Parse("127.0.0.3"), Assert.Single(asked));
        Assert.Equal(IPAddress.Parse("127.0.0.3"), Assert.Single(_incoming).Address);
    }

    [Fact]
    public async Task A_peer_has_no_more_sessions_than_it_may()
    {
        IPEndPoint endPoint = await StartAsync("127.0.0.1:0", new MemoryTree([]), static address => address.ToString());
        using Socket first = await ConnectAsync(endPoint);
        using Socket second = await ConnectAsync(endPoint);
        await Eventually.IsTrueAsync(() => _incoming.Count == 2, "two sessions", cancellationToken: Token);

        using Socket third = await ConnectAsync(endPoint);
        Assert.Equal(0, await third.ReceiveAsync(new byte[1], Token));

        // Another peer is not concerned, and one that has left makes room.
        using Socket other = await ConnectAsync(endPoint, "127.0.0.9");
        Assert.Equal(1, await other.ReceiveAsync(new byte[1], Token));
        first.Dispose();
        await Eventually.IsTrueAsync(
            async token =>
            {
                using Socket again = await ConnectAsync(endPoint);
                return await again.ReceiveAsync(new byte[1], token) == 1;
            },
            "room for another session",
            cancellationToken: Token);
    }

    [Fact]
    public async Task Stopping_ends_sessions_at_once()
    {
        IPEndPoint endPoint = await StartAsync("127.0.0.1:0", new MemoryTree([]), static _ => "peer");
        using Socket silent = await ConnectAsync(endPoint);
        await Eventually.IsTrueAsync(() => !_incoming.IsEmpty, "a session", cancellationToken: Token);

        // Far less than the 45 seconds of the handshake that nobody goes on with.
        await _listener!.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.DoesNotContain(_loggers.Lines, static line => line.Contains(" 2114 ", StringComparison.Ordinal));
        await Assert.ThrowsAsync<IOException>(() => Dialer("127.0.0.1:0").ConnectAsync(endPoint, Token));
    }

    [Fact]
    public async Task Both_wildcards_may_listen_at_one_port()
    {
        int port;
        using (FreePort free = FreePort.Reserve())
            port = free.Number;
        var options = new ReconOptions { Listen = [$"0.0.0.0:{port}", $"[::]:{port}"] };

        await using ReconListener listener = await ReconListener.StartAsync(
            options, static _ => null, static (_, _) => Task.CompletedTask, _loggers, TimeProvider.System, Token);

        Assert.Equal(2, listener.Addresses.Count);
    }

    [Fact]
    public void A_source_is_of_the_family_of_the_peer_and_can_reach_it()
    {
        var options = new ReconOptions { Listen = ["0.0.0.0:11370", "127.0.0.1:11370", "[2001:db8::1]:11370", "192.0.2.1:11370"] };
        var dialer = new ReconDialer(options, TimeProvider.System);
        Assert.Equal(IPAddress.Parse("192.0.2.1"), dialer.FindSource(IPAddress.Parse("198.51.100.1")));
        Assert.Equal(IPAddress.Parse("2001:db8::1"), dialer.FindSource(IPAddress.Parse("2001:db8::2")));
        Assert.Equal(IPAddress.Loopback, dialer.FindSource(IPAddress.Parse("127.0.0.2")));

        options.SourceAddresses = ["192.0.2.7"];
        Assert.Equal(IPAddress.Parse("192.0.2.7"), dialer.FindSource(IPAddress.Parse("198.51.100.1")));
        options.Listen = ["off"];
        Assert.Null(dialer.FindSource(IPAddress.Parse("2001:db8::2")));
    }

    private static ReconDialer Dialer(string listen) => new(new ReconOptions { Listen = [listen] }, TimeProvider.System);

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint, string source = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        await socket.ConnectAsync(endPoint, Token);
        return socket;
    }

    private async Task<IPEndPoint> StartAsync(string listen, MemoryTree tree, Func<IPAddress, string?> findPeer)
    {
        _listener = await ReconListener.StartAsync(
            new ReconOptions { Listen = [listen] },
            findPeer,
            async (incoming, stop) =>
            {
                _incoming.Enqueue(incoming);
                _outcomes.Enqueue(await incoming.Connection.RunAsync(Own, _ => new ResponderSession(tree, SessionLimits.Default), stop));
            },
            _loggers,
            TimeProvider.System,
            Token);
        return _listener.Addresses[0];
    }
}
