using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Admin.V1;
using Sks.Grpc.Peers;
using Sks.Keys.V1;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.TestSupport;
using PeerKind = Sks.Node.Peers.PeerKind;
using PeerRole = Sks.Node.Peers.PeerRole;

namespace Sks.Grpc.Tests;

public class PeerListenerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_in_the_book_gets_through_with_both_streams()
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        await using var client = new PeerNode();
        NodeId id = client.Node.Links.Self;
        await server.Node.Links.Book.AddAsync(id, [], Token);
        using X509Certificate2 certificate = client.Node.Links.CreateTlsCertificate();
        client.Node.Peers.SetPeers(PeerKind.Modern, [server.Id.ToString()]);
        var count = new ByteCount(client.Node.Peers);
        count.Attribute(server.Id);
        using PeerConnection connection = await PeerConnection.OpenAsync(
            PeerAddress.Parse(server.Address), server.Id, PeerTls.CreateContext(certificate), count, TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        var peers = new PeerService.PeerServiceClient(connection.Channel);

        using AsyncDuplexStreamingCall<SyncRequest, SyncResponse> sync = peers.Sync(cancellationToken: Token);
        await sync.RequestStream.WriteAsync(new SyncRequest { Message = new SyncMessage { Ping = new Ping { Number = 7 } } }, Token);
        Assert.True(await sync.ResponseStream.MoveNext(Token));
        Assert.Equal(7ul, sync.ResponseStream.Current.Message.Ping.Number);
        using AsyncDuplexStreamingCall<FetchRequest, FetchResponse> fetch = peers.Fetch(cancellationToken: Token);
        await fetch.RequestStream.WriteAsync(
            new FetchRequest { Message = new FetchMessage { Start = new FetchStart { Session = ByteString.CopyFrom(new byte[16]) } } }, Token);
        await fetch.RequestStream.WriteAsync(new FetchRequest { Message = new FetchMessage { Takes = new Takes() } }, Token);
        Assert.True(await fetch.ResponseStream.MoveNext(Token));
        Assert.NotNull(fetch.ResponseStream.Current.Message.Takes);
        await sync.RequestStream.CompleteAsync();
        await fetch.RequestStream.CompleteAsync();
        Assert.False(await sync.ResponseStream.MoveNext(Token));
        Assert.False(await fetch.ResponseStream.MoveNext(Token));

        Assert.Equal((id, PeerRole.Responder), Assert.Single(server.Sessions.Started));
        PeerStatus there = server.StatusOf(id)!;
        PeerStatus here = Assert.Single(client.Node.Peers.Read());
        Assert.Equal((PeerKind.Modern, PeerRole.Responder), (there.Kind, there.LastRole));
        Assert.InRange(there.BytesReceived, 1000, here.BytesSent);
        Assert.InRange(here.BytesReceived, 1000, there.BytesSent);
    }

    [Fact]
    public async Task A_stranger_is_refused_and_mentioned_once()
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        await using var client = new PeerNode();
        using X509Certificate2 certificate = client.Node.Links.CreateTlsCertificate();

        for (int i = 0; i < 3; i++)
        {
            using PeerConnection connection = await server.ConnectAsync(certificate);
            var peers = new PeerService.PeerServiceClient(connection.Channel);
            await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "PEER_NOT_LISTED", () => TrySyncAsync(peers));
            await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "PEER_NOT_LISTED", () => TryFetchAsync(peers));
        }

        Assert.Equal(1, server.CountLines($"A node that is no peer was refused: {client.Node.Links.Self}"));
        Assert.Equal(6, server.Server.RefusedCalls);
        Assert.Contains(6, PeerServerMetricsTests.Collect("peer_calls_refused"));
        Assert.Empty(server.Sessions.Started);
        Assert.Empty(server.Node.Peers.Read());
    }

    [Fact]
    public async Task Without_a_certificate_the_services_for_clients_are_there_and_nothing_else()
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        using GrpcChannel channel = server.ConnectAnonymously();
        var peers = new PeerService.PeerServiceClient(channel);

        await RpcFailure.AssertFailsAsync(
            StatusCode.NotFound,
            "CERTIFICATE_NOT_FOUND",
            async () => await new KeyService.KeyServiceClient(channel).GetAsync(
                new GetRequest { Fingerprint = ByteString.CopyFrom(new byte[20]) }, cancellationToken: Token));
        await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "CLIENT_CERTIFICATE_REQUIRED", () => TrySyncAsync(peers));
        await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "CLIENT_CERTIFICATE_REQUIRED", () => TryFetchAsync(peers));
        await RpcFailure.AssertFailsAsync(
            StatusCode.PermissionDenied,
            "CLIENT_CERTIFICATE_REQUIRED",
            async () => await peers.JoinAsync(new JoinRequest { Secret = ByteString.CopyFrom(new byte[16]) }, cancellationToken: Token));
        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            async () => await new AdminService.AdminServiceClient(channel).GetStatsAsync(new GetStatsRequest(), cancellationToken: Token));
        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
        Assert.Equal(1, server.CountLines("without a certificate was refused"));
    }

    [Fact]
    public async Task Listeners_for_clients_and_for_the_operator_have_nothing_for_peers()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (GrpcChannel channel in (GrpcChannel[])[server.TcpChannel, server.SocketChannel])
        {
            RpcException exception = await Assert.ThrowsAsync<RpcException>(() => TrySyncAsync(new PeerService.PeerServiceClient(channel)));
            Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
        }
    }

    [Fact]
    public async Task A_server_with_another_key_is_refused_before_anything_is_said()
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        await using var client = new PeerNode();
        using X509Certificate2 certificate = client.Node.Links.CreateTlsCertificate();

        PeerUnreachableException exception = await Assert.ThrowsAsync<PeerUnreachableException>(
            () => server.ConnectAsync(certificate, expected: client.Node.Links.Self));
        Assert.Equal($"{server.Address} answers as another node (id {server.Id})", exception.Message);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task Nothing_below_version_1_3_of_TLS_is_spoken(SslProtocols protocol, bool expected)
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Server.Addresses[0], Token);
        await using var tls = new SslStream(tcp.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "peer",
            EnabledSslProtocols = protocol,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        };

        Exception? exception = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync(options, Token));
        Assert.True((exception is null) == expected, exception?.ToString());
    }

    [Fact]
    public async Task Removal_ends_a_session_that_runs_and_refuses_the_next_one()
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        await using var client = new PeerNode();
        NodeId id = client.Node.Links.Self;
        await server.Node.Links.Book.AddAsync(id, [], Token);
        using X509Certificate2 certificate = client.Node.Links.CreateTlsCertificate();
        using PeerConnection connection = await server.ConnectAsync(certificate);
        var peers = new PeerService.PeerServiceClient(connection.Channel);
        using AsyncDuplexStreamingCall<SyncRequest, SyncResponse> sync = peers.Sync(cancellationToken: Token);
        await sync.ResponseHeadersAsync;
        using AsyncDuplexStreamingCall<FetchRequest, FetchResponse> idle = peers.Fetch(cancellationToken: Token);
        await idle.ResponseHeadersAsync;
        await Eventually.IsTrueAsync(() => server.Sessions.Running == 1, "a session", cancellationToken: Token);

        Assert.True(await server.Node.Links.Book.RemoveAsync(id, Token));

        await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "PEER_NOT_LISTED", () => idle.ResponseStream.MoveNext(Token));
        Assert.True(await sync.ResponseStream.MoveNext(Token));
        Assert.Equal(ErrorCode.Removed, sync.ResponseStream.Current.Message.Error.Code);
        Assert.False(await sync.ResponseStream.MoveNext(Token));
        await RpcFailure.AssertFailsAsync(StatusCode.PermissionDenied, "PEER_NOT_LISTED", () => TrySyncAsync(peers));
        await Eventually.IsTrueAsync(() => server.StatusOf(id) is null, "nothing is told of it", cancellationToken: Token);
    }

    private static async Task TrySyncAsync(PeerService.PeerServiceClient peers)
    {
        using AsyncDuplexStreamingCall<SyncRequest, SyncResponse> call = peers.Sync(cancellationToken: Token);
        await call.ResponseStream.MoveNext(Token);
    }

    private static async Task TryFetchAsync(PeerService.PeerServiceClient peers)
    {
        using AsyncDuplexStreamingCall<FetchRequest, FetchResponse> call = peers.Fetch(cancellationToken: Token);
        await call.ResponseStream.MoveNext(Token);
    }
}
