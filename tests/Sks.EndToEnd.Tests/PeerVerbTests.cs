using System.Text.Json;
using System.Text.RegularExpressions;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>What the operator types about peers of our own kind.</summary>
public sealed partial class PeerVerbTests : IDisposable
{
    private const string Other = "8f3a61c29be0d4170f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778";
    private const string Another = "8f3a61c29be0d41700000000000000000000000000000000000000000000ffff";

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("peer", "see: sksd peer --help")]
    [InlineData("peer accept", "see: sksd peer accept --help")]
    [InlineData("peer add", "see: sksd peer add --help")]
    [InlineData("peer add keys.example.org:11373", "--id")]
    [InlineData("peer add keys.example.org --id " + Other, "'keys.example.org' is not HOST:PORT")]
    [InlineData("peer add keys.example.org:0 --id " + Other, "is not HOST:PORT")]
    [InlineData("peer add 2001:db8::1:11373 --id " + Other, "is not HOST:PORT")]
    [InlineData("peer add keys.example.org:11373 --id 8f3a61c29be0d417", "64 hex digits")]
    [InlineData("peer add keys.example.org:11373 --id " + Other + "00", "64 hex digits")]
    [InlineData("peer remove 8f3a61c", "8 hex digits")]
    [InlineData("peer remove keys.example.org", "8 hex digits")]
    [InlineData("run --peer keys.example.org:11373", "--peer")]
    [InlineData("run --advertise keys.example.org:0", "--advertise")]
    [InlineData("run --peer off --peer 127.0.0.1:0", "Peer:Listen")]
    public async Task Wrong_usage_is_one_line_and_exit_code_2(string arguments, string expected)
    {
        ProcessResult result = await Sksd.RunAsync([.. arguments.Split(' '), "--data", Data]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.SingleError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data), "a folder was made");
    }

    [Theory]
    [InlineData("peer invite")]
    [InlineData("peer accept token")]
    [InlineData("peer add keys.example.org:11373 --id " + Other)]
    [InlineData("peer remove " + Other)]
    public async Task Without_a_node_and_a_store_nothing_is_made(string arguments)
    {
        ProcessResult result = await Sksd.RunAsync([.. arguments.Split(' '), "--data", Data]);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(Data, result.SingleError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data), "a folder was made");
    }

    [Theory]
    [InlineData("peer")]
    [InlineData("peer invite")]
    [InlineData("peer accept")]
    [InlineData("peer add")]
    [InlineData("peer remove")]
    public async Task Help_explains_every_verb(string verb)
    {
        ProcessResult result = await Sksd.RunAsync([.. verb.Split(' '), "--help"]);

        Assert.Contains("sksd " + verb, result.EnsureSuccess().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitations_take_a_running_node()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();

        foreach (string[] verb in (string[][])[["invite"], ["accept", "token"]])
        {
            ProcessResult result = await Sksd.RunAsync(["peer", .. verb, "--data", Data]);
            Assert.Equal(3, result.ExitCode);
            Assert.Contains("no node is running", result.SingleError(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_says_who_it_is_wherever_it_is_asked()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data, "--peer", "127.0.0.1:0");

        string id = Banner(node, "node");
        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.Equal("127.0.0.1", new Uri(Banner(node, "peer")).Host);
        Assert.Equal($"node: {id}", (await Sksd.RunAsync("peers", "--data", Data)).EnsureSuccess().OutputLines[0]);
        Assert.Contains($"node: {id}", (await Sksd.RunAsync("stats", "--data", Data)).EnsureSuccess().OutputLines);
        using JsonDocument stats = JsonDocument.Parse((await Sksd.RunAsync("stats", "--json", "--data", Data)).EnsureSuccess().Output);
        Assert.Equal(id, stats.RootElement.GetProperty("node").GetString());
        Assert.Equal(new Uri(Banner(node, "peer")).Authority, stats.RootElement.GetProperty("peerAddresses")[0].GetString());
    }

    [Fact]
    public async Task A_node_that_nobody_can_reach_invites_nobody()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);

        ProcessResult result = await Sksd.RunAsync("peer", "invite", "--data", Data);

        Assert.Equal("off", Banner(node, "peer"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Peer:Listen", result.SingleError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Peers_are_added_changed_and_removed_with_and_without_a_running_node(bool isRunning)
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
        await using RunningNode? node = isRunning ? await RunningNode.StartAsync(Data) : null;
        string self = (await Sksd.RunAsync("stats", "--data", Data)).EnsureSuccess().OutputLines.Single(static line => line.StartsWith("node: ", StringComparison.Ordinal))[6..];

        Assert.Equal([$"added: node {Other} at 127.0.0.1:9"], await RunAsync("add", "127.0.0.1:9", "--id", Other.ToUpperInvariant()));
        Assert.Equal([$"changed: node {Other} at 127.0.0.1:9, [::1]:9"], await RunAsync("add", "127.0.0.1:9", "[::1]:9", "--id", Other));
        Assert.StartsWith($"changed: node {Other} without an address", Assert.Single(await RunAsync("add", "--id", Other)), StringComparison.Ordinal);
        await RunAsync("add", "--id", Another);
        Assert.Contains("this node itself", (await RefuseAsync("add", "127.0.0.1:9", "--id", self)).SingleError(), StringComparison.Ordinal);

        Assert.Contains("several", (await RefuseAsync("remove", Other[..16])).SingleError(), StringComparison.Ordinal);
        Assert.Equal([$"removed: node {Other}"], await RunAsync("remove", Other[..18]));
        Assert.Contains("no peer's id", (await RefuseAsync("remove", Other)).SingleError(), StringComparison.Ordinal);
        Assert.Equal([$"removed: node {Another}"], await RunAsync("remove", Another[..8].ToUpperInvariant()));
    }

    [Fact]
    public async Task Two_operators_join_their_nodes_with_one_command_each()
    {
        string other = _folder.Combine("other");
        await using RunningNode host = await RunningNode.StartAsync(Data, "--peer", "127.0.0.1:0");
        await using RunningNode guest = await RunningNode.StartAsync(other, "--peer", "127.0.0.1:0");
        string token = (await Sksd.RunAsync("peer", "invite", "--data", Data)).EnsureSuccess().OutputLines[^1];
        Assert.DoesNotContain(' ', token);

        ProcessResult nothing = await Sksd.RunAsync("peer", "accept", "-", "--data", other);
        ProcessResult accepted = await Sksd.RunAsync(
            Sksd.Command("peer", "accept", "-", "--data", other) with { Input = System.Text.Encoding.ASCII.GetBytes(token + "\n") });
        ProcessResult malformed = await Sksd.RunAsync("peer", "accept", token[..^3], "--data", other);

        Assert.Equal([$"joined: node {Banner(host, "node")}"], accepted.EnsureSuccess().OutputLines);
        Assert.Equal(2, malformed.ExitCode);
        Assert.Equal(2, nothing.ExitCode);
        Assert.Contains("standard input", nothing.SingleError(), StringComparison.Ordinal);
        Assert.Equal([Banner(guest, "node")], await ReadIdsAsync(Data));
        string json = Assert.Single((await Sksd.RunAsync("peers", "--json", "--data", Data)).EnsureSuccess().OutputLines);
        Assert.Equal(Banner(host, "node"), JsonDocument.Parse(json).RootElement.GetProperty("node").GetString());
        Assert.Equal([Banner(host, "node")], await ReadIdsAsync(other));
        string[] table = [.. (await Sksd.RunAsync("peers", "--data", Data)).EnsureSuccess().OutputLines];
        Assert.StartsWith("NODE ", table[1], StringComparison.Ordinal);
        Assert.StartsWith(Banner(guest, "node")[..16] + " ", table[2], StringComparison.Ordinal);
        Assert.All(table, static line => Assert.InRange(line.Length, 1, 120));

        // Who was removed cannot come back by the same invitation.
        (await Sksd.RunAsync("peer", "remove", Banner(guest, "node"), "--data", Data)).EnsureSuccess();
        ProcessResult again = await Sksd.RunAsync("peer", "accept", token, "--data", other);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("refuses", again.SingleError(), StringComparison.Ordinal);
        Assert.Empty(await ReadIdsAsync(Data));
    }

    [Fact]
    public async Task A_node_that_is_gone_cannot_be_joined()
    {
        string other = _folder.Combine("other");
        string token;
        await using (await RunningNode.StartAsync(Data, "--peer", "127.0.0.1:0"))
            token = (await Sksd.RunAsync("peer", "invite", "--data", Data)).EnsureSuccess().OutputLines[^1];
        await using RunningNode guest = await RunningNode.StartAsync(other);

        ProcessResult result = await Sksd.RunAsync("peer", "accept", token, "--data", other);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("cannot be reached", result.SingleError(), StringComparison.Ordinal);
    }

    private static string Banner(RunningNode node, string name) =>
        node.Output.Select(line => BannerLine().Match(line)).Single(match => match.Success && match.Groups[1].Value == name).Groups[2].Value;

    private static async Task<IEnumerable<string?>> ReadIdsAsync(string data) =>
        (await Sksd.RunAsync("peers", "--json", "--data", data)).EnsureSuccess().OutputLines
            .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("nodeId").GetString());

    private async Task<IEnumerable<string>> RunAsync(params string[] arguments) =>
        (await Sksd.RunAsync(["peer", .. arguments, "--data", Data])).EnsureSuccess().OutputLines;

    private async Task<ProcessResult> RefuseAsync(params string[] arguments)
    {
        ProcessResult result = await Sksd.RunAsync(["peer", .. arguments, "--data", Data]);
        Assert.Equal(1, result.ExitCode);
        return result;
    }

    [GeneratedRegex("^  ([a-z]+) +(.*)$")]
    private static partial Regex BannerLine();
}
