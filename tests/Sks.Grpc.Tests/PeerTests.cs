using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using AdminPeer = Sks.Admin.V1.Peer;
using PeerKind = Sks.Admin.V1.PeerKind;
using PeerRole = Sks.Admin.V1.PeerRole;

namespace Sks.Grpc.Tests;

public class PeerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_peers_the_list_is_empty()
    {
        await using TestServer server = await TestServer.StartAsync();

        Assert.Empty((await server.Admin.ListPeersAsync(new ListPeersRequest(), cancellationToken: Ended)).Peers);
    }

    [Fact]
    public async Task Everything_known_of_peers_is_told()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Node.Peers.SetPeers(Sks.Node.Peers.PeerKind.Sks, ["two.example.org 11370", "one.example.org 11370"]);
        server.Node.Peers.Update("two.example.org 11370", static status => status with
        {
            Addresses = [IPAddress.Parse("192.0.2.2"), IPAddress.Parse("2001:db8::2")],
            IsSelf = true,
            LastContact = Noon,
            LastRole = Sks.Node.Peers.PeerRole.Responder,
            LastSuccess = Noon.AddHours(-1),
            NextAttempt = Noon.AddHours(1),
            LastError = "the filters differ",
            Sessions = 1,
            Errors = 2,
            LastDifferences = 3,
            Differences = 4,
            Recovered = 5,
            BytesReceived = 6,
            BytesSent = 7,
            Aliases = 8,
            Ineffective = 9,
        });

        ListPeersResponse response = await server.Admin.ListPeersAsync(new ListPeersRequest(), cancellationToken: Ended);

        Assert.Equal(new AdminPeer { Name = "one.example.org 11370", Kind = PeerKind.Sks }, response.Peers[0]);
        AdminPeer peer = response.Peers[1];
        Assert.Equal(["192.0.2.2", "2001:db8::2"], peer.Addresses);
        Assert.True(peer.IsSelf);
        Assert.Equal(Noon, peer.LastContactTime.ToDateTimeOffset());
        Assert.Equal(PeerRole.Responder, peer.LastRole);
        Assert.Equal(Noon.AddHours(-1), peer.LastSuccessTime.ToDateTimeOffset());
        Assert.Equal(Noon.AddHours(1), peer.NextAttemptTime.ToDateTimeOffset());
        Assert.Equal("the filters differ", peer.LastError);
        ulong[] counts =
        [
            peer.SessionCount, peer.ErrorCount, peer.LastDifferenceCount, peer.DifferenceCount, peer.RecoveredCount, peer.BytesReceived, peer.BytesSent,
            peer.AliasCount, peer.IneffectiveCount,
        ];
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], counts);
    }

    [Fact]
    public async Task Peers_of_our_own_kind_are_told_with_all_that_is_known_of_them()
    {
        await using TestServer server = await TestServer.StartAsync();
        string id = new('a', 64);
        server.Node.Peers.SetPeers(Sks.Node.Peers.PeerKind.Modern, [id]);
        server.Node.Peers.Update(id, static status => status with
        {
            EndPoints = ["keys.example.org:11373"],
            IsConnected = true,
            Sent = 1,
            Phantoms = 2,
            PolicyVersion = 3,
            Software = "sksd",
        });
        server.Node.Peers.SetPeers(Sks.Node.Peers.PeerKind.Sks, ["one.example.org 11370"]);

        ListPeersResponse response = await server.Admin.ListPeersAsync(new ListPeersRequest(), cancellationToken: Ended);

        Assert.Equal(server.Node.Restrictions.Origin.ToArray(), response.NodeId.ToByteArray());
        Assert.Equal(["aaaa", "one."], response.Peers.Select(static peer => peer.Name[..4]));
        AdminPeer modern = response.Peers[0];
        Assert.Equal(
            new AdminPeer
            {
                Name = id,
                Kind = PeerKind.Modern,
                NodeId = ByteString.CopyFrom(Convert.FromHexString(id)),
                EndPoints = { "keys.example.org:11373" },
                Connected = true,
                SentCount = 1,
                PhantomCount = 2,
                PolicyVersion = 3,
                Software = "sksd",
            },
            modern);
    }

    [Fact]
    public async Task Peers_are_added_listed_changed_and_removed()
    {
        await using TestServer server = await TestServer.StartAsync();
        ByteString[] ids = [Id(1), Id(2)];

        Assert.Equal(AddPeerStatus.Added, await AddAsync(server, ids[0], "keys.example.org:11373"));
        Assert.Equal(AddPeerStatus.Updated, await AddAsync(server, ids[0], "[2001:db8::1]:11373", "[2001:db8::1]:11373"));
        Assert.Equal(AddPeerStatus.Added, await AddAsync(server, ids[1]));
        Assert.Equal(AddPeerStatus.Self, await AddAsync(server, server.Node.Restrictions.Origin.ToBytes(), "keys.example.org:11373"));

        ListPeersResponse listed = await server.Admin.ListPeersAsync(new ListPeersRequest(), cancellationToken: Ended);
        Assert.Equal(ids, listed.Peers.Select(static peer => peer.NodeId));
        Assert.Equal(["[2001:db8::1]:11373"], listed.Peers[0].EndPoints);

        Assert.Equal((RemovePeerStatus.Ambiguous, ByteString.Empty), await RemoveAsync(server, Hex(ids[0])[..10]));
        Assert.Equal((RemovePeerStatus.Unknown, ByteString.Empty), await RemoveAsync(server, new string('f', 64)));
        Assert.Equal((RemovePeerStatus.Removed, ids[0]), await RemoveAsync(server, Hex(ids[0])));
        Assert.Equal((RemovePeerStatus.Removed, ids[1]), await RemoveAsync(server, Hex(ids[1])[..8].ToLowerInvariant()));
        Assert.Equal((RemovePeerStatus.Unknown, ByteString.Empty), await RemoveAsync(server, Hex(ids[1])));
    }

    [Theory]
    [InlineData(31, "keys.example.org:11373", "node_id")]
    [InlineData(32, "keys.example.org", "addresses")]
    [InlineData(32, "keys.example.org:0", "addresses")]
    [InlineData(32, "a b:1", "addresses")]
    public async Task What_cannot_be_a_peer_is_refused_by_field(int idLength, string address, string field)
    {
        await using TestServer server = await TestServer.StartAsync();
        var request = new AddPeerRequest { NodeId = ByteString.CopyFrom(new byte[idLength]), Addresses = { address } };

        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Admin.AddPeerAsync(request, cancellationToken: Ended));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal(field, failure.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations.Single().Field);
    }

    [Theory]
    [InlineData("0123456")]
    [InlineData("0123456g")]
    public async Task Only_the_start_of_an_id_says_whom_to_remove(string id)
    {
        await using TestServer server = await TestServer.StartAsync();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => RemoveAsync(server, id));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
    }

    [Fact]
    public async Task A_node_that_does_not_deal_with_peers_has_no_invitations()
    {
        await using TestServer server = await TestServer.StartAsync();

        RpcException invite = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Admin.InvitePeerAsync(new InvitePeerRequest(), cancellationToken: Ended));
        RpcException accept = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Admin.AcceptPeerAsync(new AcceptPeerRequest { Token = "x" }, cancellationToken: Ended));

        Assert.Equal(["NO_PEER_SERVICE", "NO_PEER_SERVICE"], new[] { invite, accept }.Select(
            static failure => failure.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!.Reason));
    }

    private static ByteString Id(byte last) => ByteString.CopyFrom([.. Enumerable.Repeat((byte)7, 4), .. new byte[27], last]);

    private static string Hex(ByteString id) => Convert.ToHexString(id.Span);

    private static async Task<AddPeerStatus> AddAsync(TestServer server, ByteString id, params string[] addresses) =>
        (await server.Admin.AddPeerAsync(new AddPeerRequest { NodeId = id, Addresses = { addresses } }, cancellationToken: Ended)).Status;

    private static async Task<(RemovePeerStatus Status, ByteString Id)> RemoveAsync(TestServer server, string id)
    {
        RemovePeerResponse response = await server.Admin.RemovePeerAsync(new RemovePeerRequest { Id = id }, cancellationToken: Ended);
        return (response.Status, response.NodeId);
    }
}
