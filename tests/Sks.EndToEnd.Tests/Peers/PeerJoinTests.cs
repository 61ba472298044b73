using Sks.Admin.V1;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>How two operators make their nodes peers, and how they stop being it.</summary>
public sealed class PeerJoinTests : IAsyncDisposable
{
    private const int Wrong = 1;
    private const int AllowedFailures = 5;

    // Within the token: its secret is bytes 33 to 48, in base64url behind "sks1-".
    private const int SecretInToken = 5 + 48;

    private readonly PeerNode _first = new("first");
    private readonly PeerNode _second = new("second");

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task One_command_each_makes_two_nodes_peers_for_good()
    {
        await StartBothAsync();
        string token = await _first.InviteAsync();

        (await _second.AcceptAsync(token)).EnsureSuccess();

        await ExpectConnectedAsync();
        Assert.Equal([$"127.0.0.1:{_second.EndPoint.Port}"], (await _first.FindPeerAsync(_second))!.EndPoints);
        Assert.Contains(await ReadTableAsync(_first), line => line.Contains(_second.Id[..16], StringComparison.Ordinal));
        Assert.Contains(await ReadTableAsync(_second), line => line.Contains(_first.Id[..16], StringComparison.Ordinal));

        // Who is a peer may come again, as the answer may have been lost; anyone else may not.
        await using (PeerNode third = await PeerNode.StartNewAsync("third"))
            Assert.Equal(Wrong, (await third.AcceptAsync(token)).ExitCode);
        Assert.Single(await _first.ReadPeersAsync());

        // It is not forgotten, and works in either direction.
        await _first.StopAsync();
        await _second.WaitForPeerAsync(_first, static peer => !peer.Connected, "the connection is gone");
        await _first.RestartAsync();
        await ExpectConnectedAsync();
        byte[] one = CertificateBuilder.Ordinary(1).Build();
        byte[] other = CertificateBuilder.Ordinary(2).Build();
        await _first.SubmitAsync(one);
        await _second.SubmitAsync(other);
        await PeerNetwork.WaitForEqualAsync(2, _first, _second);
    }

    [Fact]
    public async Task Five_wrong_secrets_void_an_invitation()
    {
        await StartBothAsync();
        string token = await _first.InviteAsync();

        for (int attempt = 0; attempt < AllowedFailures; attempt++)
            Assert.Equal(Wrong, (await _second.AcceptAsync(WithAnotherSecret(token, attempt))).ExitCode);

        Assert.Equal(Wrong, (await _second.AcceptAsync(token)).ExitCode);
        Assert.Empty(await _first.ReadPeersAsync());
        (await _second.AcceptAsync(await _first.InviteAsync())).EnsureSuccess();
        await ExpectConnectedAsync();
    }

    [Fact]
    public async Task A_token_is_bound_to_the_node_that_made_it()
    {
        await StartBothAsync();
        string token = await _first.InviteAsync();
        await _first.StopAsync();
        await using PeerNode impostor = new("impostor");
        impostor.TakePortOf(_first);
        await impostor.StartAsync();

        // Whoever answers at the address does not have the key.
        Assert.NotEqual(0, (await _second.AcceptAsync(token)).ExitCode);
        Assert.Empty(await _second.ReadPeersAsync());
    }

    [Fact]
    public async Task A_peer_with_another_id_than_expected_is_refused_and_that_is_logged_once_on_both_sides()
    {
        await StartBothAsync();
        string wrong = new('7', 64);
        await _first.AdmitAsync(_second.Id);
        await _second.AddAsync(_first.EndPoint, wrong);

        string line = await _second.Process.WaitForLineAsync(wrong);
        await _second.WaitForPeersAsync(static peers => peers is [{ ErrorCount: >= 3, Connected: false }], "three attempts");

        Assert.Contains("warn", line, StringComparison.Ordinal);
        Assert.Single(_second.Process.Output, output => output.Contains(wrong, StringComparison.Ordinal) && output.Contains("warn", StringComparison.Ordinal));
        Assert.False((await _first.FindPeerAsync(_second))?.Connected);
    }

    [Fact]
    public async Task A_stranger_is_refused_and_that_is_logged_once()
    {
        await StartBothAsync();
        await _second.AddAsync(_first.EndPoint, _first.Id);

        await _first.Process.WaitForLineAsync(_second.Id);
        await _second.WaitForPeersAsync(static peers => peers is [{ ErrorCount: >= 3, Connected: false }], "three attempts");

        Assert.Single(_first.Process.Output, line => line.Contains(_second.Id, StringComparison.Ordinal));
        Assert.Empty(await _first.ReadPeersAsync());
        await _second.SubmitAsync(CertificateBuilder.Ordinary(1).Build());
        Assert.Equal(0, await _first.CountAsync());

        // Until the operator there does the same.
        await _first.AddAsync(_second.EndPoint, _second.Id);
        await ExpectConnectedAsync();
        await PeerNetwork.WaitForEqualAsync(1, _first, _second);
    }

    [Fact]
    public async Task A_removed_peer_is_one_no_more_at_once()
    {
        await StartBothAsync();
        await _second.JoinAsync(_first);
        await ExpectConnectedAsync();

        await _first.RemoveAsync(_second.Id);

        Assert.Empty(await _first.ReadPeersAsync());
        await _second.WaitForPeerAsync(_first, static peer => !peer.Connected && peer.LastError.Length > 0, "it is told");
        await _first.SubmitAsync(CertificateBuilder.Ordinary(1).Build());

        // Told so, it stays away for minutes; started anew it tries at once.
        await _second.StopAsync();
        await _second.RestartAsync();
        await _second.WaitForPeerAsync(_first, static peer => peer is { Connected: false, ErrorCount: > 0 }, "it is turned away again");
        Assert.Equal(0, await _second.CountAsync());
    }

    [Fact]
    public async Task A_clone_of_a_node_is_refused_while_the_node_is_connected()
    {
        await StartBothAsync();
        await _second.JoinAsync(_first);
        await ExpectConnectedAsync();
        await _second.StopAsync();
        await using PeerNode clone = Clone(_second);
        await _second.RestartAsync();
        await ExpectConnectedAsync();

        await clone.StartAsync();

        Assert.Equal(_second.Id, clone.Id);
        await _first.Process.WaitForLineAsync("A second process under the node id");
        await clone.WaitForPeersAsync(static peers => peers is [{ Connected: false, LastError.Length: > 0 }], "the clone is told");
        Assert.True((await _second.FindPeerAsync(_first))!.Connected);
        await _second.SubmitAsync(CertificateBuilder.Ordinary(1).Build());
        await PeerNetwork.WaitForEqualAsync(1, _first, _second);
        Assert.Equal(0, await clone.CountAsync());
    }

    private static PeerNode Clone(PeerNode original)
    {
        var clone = new PeerNode("clone", listens: false);
        original.CopyDataTo(clone);
        return clone;
    }

    private static async Task<IReadOnlyList<string>> ReadTableAsync(PeerNode node) => (await node.RunAsync("peers")).OutputLines;

    private static string WithAnotherSecret(string token, int attempt)
    {
        char[] changed = token.ToCharArray();
        int at = SecretInToken + attempt;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        return new string(changed);
    }

    private Task StartBothAsync() => Task.WhenAll(_first.StartAsync(), _second.StartAsync());

    private async Task ExpectConnectedAsync()
    {
        await _first.WaitForPeerAsync(_second, static peer => peer is { Connected: true, Kind: PeerKind.Modern }, "connected");
        await _second.WaitForPeerAsync(_first, static peer => peer is { Connected: true, Kind: PeerKind.Modern }, "connected");
    }
}
