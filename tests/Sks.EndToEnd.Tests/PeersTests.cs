using System.Net;
using System.Text.Json;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class PeersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_without_peers_says_so()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);

        string[] lines = [.. (await Sksd.RunAsync("peers", "--data", Data)).EnsureSuccess().OutputLines];
        Assert.Matches("^node: [0-9a-f]{64}$", lines[0]);
        Assert.Equal(["no peers"], lines[1..]);
        Assert.Empty((await Sksd.RunAsync("peers", "--data", Data, "--json")).EnsureSuccess().OutputLines);
    }

    [Fact]
    public async Task Without_a_running_node_there_is_nothing_to_tell()
    {
        await using (await RunningNode.StartAsync(Data))
        {
            // Makes the store.
        }

        ProcessResult result = await Sksd.RunAsync("peers", "--data", Data);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("no node is running", result.SingleError(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_SKS_folder_brings_listeners_names_and_peers()
    {
        using var hkp = FreePort.Reserve();
        Write("sksconf", $"hkp_address: 127.0.0.1\nhkp_port: {hkp.Number}\nrecon_address: 127.0.0.1\nrecon_port: 0\nhostname: keys.example.org\npagesize: 16\nmax_matches: 77\n");
        Write("membership", "127.0.0.3 11370 # a friend\n127.0.0.1 sks\nnonsense\n");
        await using RunningProcess node = RunningProcess.Start(Sksd.Command("run", "--data", Data, "--grpc", "off", "--metrics", "127.0.0.1:0", "--sks-config", _folder.Path));
        await node.WaitForLineAsync("Stop with Ctrl-C.", null, TestContext.Current.CancellationToken);

        ProcessResult table = await Sksd.RunAsync("peers", "--data", Data);
        ProcessResult json = await Sksd.RunAsync("peers", "--data", Data, "--json");
        using var http = new HttpClient();
        string page = await http.GetStringAsync(new Uri($"http://{hkp.EndPoint}/pks/lookup?op=stats"), TestContext.Current.CancellationToken);
        string metrics = await http.GetStringAsync(MetricsUri(node), TestContext.Current.CancellationToken);

        Assert.Equal(["node:", "HOST", "127.0.0.1", "127.0.0.3"], table.EnsureSuccess().OutputLines.Select(static line => line.Split(' ')[0]));
        JsonElement[] peers = [.. json.EnsureSuccess().OutputLines.Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["127.0.0.1 sks", "127.0.0.3 11370"], peers.Select(static peer => peer.GetProperty("name").GetString()));
        Assert.Equal("sks", peers[1].GetProperty("kind").GetString());
        Assert.Equal(["127.0.0.3"], peers[1].GetProperty("addresses").EnumerateArray().Select(static address => address.GetString()));
        Assert.Equal(0, peers[1].GetProperty("sessionCount").GetInt64());
        Assert.Contains("<tr><td>127.0.0.3 11370</td></tr>", page, StringComparison.Ordinal);
        Assert.Contains("<tr><td>Hostname:</td><td>keys.example.org</td></tr>", page, StringComparison.Ordinal);
        Assert.Matches("""(?m)^\w*peer_errors\w*\{[^}]*peer="127.0.0.3 11370"[^}]*\} 0$""", metrics);
        Assert.Matches("""(?m)^\w*peer_ineffective\w*\{[^}]*peer="127.0.0.3 11370"[^}]*\} 0$""", metrics);
        Assert.Contains(node.Output, line => line.Contains($"{_folder.Combine("sksconf")}:6: pagesize: ", StringComparison.Ordinal));
        Assert.Contains(node.Output, line => line.Contains($"{_folder.Combine("membership")}, line 3:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Configuration_file_environment_and_command_line_go_over_an_SKS_folder()
    {
        Write("sksconf", "hkp_address: 127.0.0.1\nhkp_port: 0\nrecon_address: 127.0.0.1\nrecon_port: 0\nmax_matches: 77\nmbar: 7\nhostname: sksconf\n");
        Write("sksd.json", """{ "Node": { "MaxMatches": 88 }, "Recon": { "Mbar": 8 }, "Log": { "Level": "Debug" } }""");
        await using RunningProcess node = RunningProcess.Start(
            Sksd.Command("run", "--data", Data, "--grpc", "off", "--recon", "off", "--sks-config", _folder.Path, "--config", _folder.Combine("sksd.json")) with
            {
                Environment = new Dictionary<string, string?> { ["SKS__Recon__Mbar"] = "9" },
            });
        await node.WaitForLineAsync("Stop with Ctrl-C.", null, TestContext.Current.CancellationToken);

        foreach (string setting in (string[])["Hkp:Hostname = sksconf", "Node:MaxMatches = 88", "Recon:Mbar = 9", "Recon:Listen = off"])
            await node.WaitForLineAsync("Setting " + setting, null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_missing_membership_file_stops_the_start_with_one_line()
    {
        Write("sksd.json", $$"""{ "Recon": { "MembershipFile": "{{_folder.Combine("nothing")}}" } }""");

        ProcessResult result = await Sksd.RunAsync(
            "run", "--data", Data, "--hkp", "off", "--recon", "off", "--grpc", "off", "--config", _folder.Combine("sksd.json"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(_folder.Combine("nothing"), result.SingleError(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_setting_of_an_SKS_folder_is_named_with_its_line()
    {
        Write("sksconf", "\nhkp_prot: 1\n");

        ProcessResult result = await Sksd.RunAsync("run", "--data", Data, "--sks-config", _folder.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{_folder.Combine("sksconf")}:2: unknown setting 'hkp_prot'", result.SingleError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data), "a folder was made");
    }

    [Fact]
    public async Task Both_wildcards_can_be_listened_on_with_one_port()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "there is no IPv6 here");
        using var port = FreePort.Reserve();
        await using RunningProcess node = RunningProcess.Start(Sksd.Command(
            "run", "--data", Data, "--hkp", $"0.0.0.0:{port.Number}", "--hkp", $"[::]:{port.Number}", "--recon", "off", "--grpc", "off"));
        await node.WaitForLineAsync("Stop with Ctrl-C.", null, TestContext.Current.CancellationToken);

        using var http = new HttpClient();
        foreach (IPAddress address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            var health = new Uri($"http://{new IPEndPoint(address, port.Number)}/health/live");
            Assert.Equal("OK\n", await http.GetStringAsync(health, TestContext.Current.CancellationToken));
        }
    }

    private static Uri MetricsUri(RunningProcess node)
    {
        const string start = "  metrics ";
        return new Uri(node.Output.Single(static line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..].Trim());
    }

    private void Write(string name, string text) => File.WriteAllText(_folder.Combine(name), text);
}
