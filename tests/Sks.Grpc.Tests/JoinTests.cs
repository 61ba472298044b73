using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Peer.V1;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

public class JoinTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_command_on_each_side_makes_two_nodes_peers_that_become_equal()
    {
        await using PeerTestServer host = await PeerTestServer.StartAsync(withSessions: true);
        await using PeerTestServer guest = await PeerTestServer.StartAsync(withSessions: true);
        await StoreAsync(host.Node, 1);
        await StoreAsync(guest.Node, 2);

        string? token = await host.Server.InviteAsync(Token);
        JoinResult result = await guest.Server.AcceptAsync(token!, Token);

        Assert.Equal(new JoinResult(true, true, host.Id, null), result);
        Assert.Equal([host.Address], guest.Node.Links.Book.Find(host.Id)!.Addresses);
        Assert.Equal([guest.Address], host.Node.Links.Book.Find(guest.Id)!.Addresses);
        await Eventually.IsTrueAsync(
            () => host.Node.GetStatistics().Certificates == 2 && guest.Node.GetStatistics().Certificates == 2, "equal sets", cancellationToken: Token);
        await Eventually.IsTrueAsync(() => host.StatusOf(guest.Id)!.IsConnected && guest.StatusOf(host.Id)!.IsConnected, "one session", cancellationToken: Token);
    }

    [Fact]
    public async Task A_node_that_nobody_can_reach_joins_and_invites_nobody()
    {
        await using PeerTestServer host = await PeerTestServer.StartAsync();
        await using PeerTestServer guest = await PeerTestServer.StartAsync(configure: static options => options.Listen = ["off"]);

        Assert.Null(await guest.Server.InviteAsync(Token));
        Assert.True((await guest.Server.AcceptAsync((await host.Server.InviteAsync(Token))!, Token)).IsAccepted);
        Assert.Empty(host.Node.Links.Book.Find(guest.Id)!.Addresses);
    }

    [Fact]
    public async Task An_invitation_is_good_once_but_its_guest_may_come_again()
    {
        await using PeerTestServer host = await PeerTestServer.StartAsync();
        await using PeerTestServer guest = await PeerTestServer.StartAsync();
        await using PeerTestServer other = await PeerTestServer.StartAsync();
        string token = (await host.Server.InviteAsync(Token))!;

        Assert.True((await guest.Server.AcceptAsync(token, Token)).IsAccepted);
        await guest.Node.Links.Book.RemoveAsync(host.Id, Token);
        Assert.True((await guest.Server.AcceptAsync(token, Token)).IsAccepted);
        JoinResult replayed = await other.Server.AcceptAsync(token, Token);

        Assert.Equal((false, true), (replayed.IsAccepted, replayed.IsReachable));
        Assert.Null(host.Node.Links.Book.Find(other.Id));
        Assert.Null(other.Node.Links.Book.Find(host.Id));
    }

    [Fact]
    public async Task Five_wrong_secrets_void_what_was_good()
    {
        await using PeerTestServer host = await PeerTestServer.StartAsync();
        await using PeerTestServer guest = await PeerTestServer.StartAsync();
        string good = (await host.Server.InviteAsync(Token))!;
        using X509Certificate2 certificate = guest.Node.Links.CreateTlsCertificate();
        using PeerConnection connection = await host.ConnectAsync(certificate);
        var peers = new PeerService.PeerServiceClient(connection.Channel);
        for (byte i = 0; i < 5; i++)
        {
            var request = new JoinRequest { Secret = ByteString.CopyFrom([.. Enumerable.Repeat(i, 16)]) };
            await RpcFailure.AssertFailsAsync(
                StatusCode.PermissionDenied, "INVITATION_NOT_VALID", async () => await peers.JoinAsync(request, cancellationToken: Token));
        }

        Assert.False((await guest.Server.AcceptAsync(good, Token)).IsAccepted);
        Assert.Null(host.Node.Links.Book.Find(guest.Id));
    }

    [Fact]
    public async Task What_expired_is_refused_on_both_sides()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using PeerTestServer host = await PeerTestServer.StartAsync(time: time);
        await using PeerTestServer guest = await PeerTestServer.StartAsync(time: time);
        Assert.True(InvitationToken.TryParse((await host.Server.InviteAsync(Token))!, out InvitationToken? token, out _));
        time.Advance(TimeSpan.FromMinutes(16));

        Assert.Contains("expired", (await guest.Server.AcceptAsync(token.Format(), Token)).Detail, StringComparison.Ordinal);
        JoinResult forged = await guest.Server.AcceptAsync((token with { Expires = token.Expires.AddDays(1) }).Format(), Token);
        Assert.Equal((false, true), (forged.IsAccepted, forged.IsReachable));
        Assert.Empty(host.Node.Links.Book.ReadAll());
    }

    [Fact]
    public async Task What_cannot_be_taken_up_is_said_clearly()
    {
        await using PeerTestServer host = await PeerTestServer.StartAsync();
        await using PeerTestServer guest = await PeerTestServer.StartAsync();
        string text = (await host.Server.InviteAsync(Token))!;
        Assert.True(InvitationToken.TryParse(text, out InvitationToken? token, out _));

        Assert.Contains("itself", (await host.Server.AcceptAsync(text, Token)).Detail, StringComparison.Ordinal);
        Assert.False((await guest.Server.AcceptAsync("nonsense", Token)).IsAccepted);
        JoinResult other = await guest.Server.AcceptAsync((token with { Inviter = guest.Id with { Low = 0 } }).Format(), Token);
        Assert.Equal((false, false), (other.IsAccepted, other.IsReachable));
        Assert.Contains($"answers as another node (id {host.Id})", other.Detail, StringComparison.Ordinal);
        using FreePort free = FreePort.Reserve();
        JoinResult nobody = await guest.Server.AcceptAsync((token with { Addresses = [$"127.0.0.1:{free.Number}"] }).Format(), Token);
        Assert.Equal((false, false), (nobody.IsAccepted, nobody.IsReachable));
        Assert.Empty(guest.Node.Links.Book.ReadAll());
    }

    private static async Task StoreAsync(KeyserverNode node, int seed)
    {
        byte[] keyring = PeerNode.Small(seed).Build();
        await foreach (SubmissionOutcome outcome in node.Submissions.ImportAsync(new MemoryStream(keyring), CancellationToken.None))
            Assert.Equal(SubmissionResult.Added, outcome.Result);
    }
}
