using System.Net;
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
}
