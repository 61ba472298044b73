using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Grpc;
using Sks.Keys.V1;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class RunTests : IDisposable
{
    private const int Interrupt = 2;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(Interrupt)]
    public async Task A_signal_stops_a_node_cleanly_within_five_seconds(int signal)
    {
        await using RunningNode node = await RunningNode.StartAsync(_folder.Combine("data"));

        long start = Stopwatch.GetTimestamp();
        node.Signal(signal);

        Assert.Equal(0, await node.WaitForExitAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, StopTime);
        Assert.False(File.Exists(_folder.Combine("data", "admin.sock")), "the socket was left behind");
    }

    [Fact]
    public async Task Open_streams_do_not_hold_a_stop_up()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await using RunningNode node = await RunningNode.StartAsync(_folder.Combine("data"));
        using GrpcChannel channel = KeyserverChannel.ForAddress(node.Grpc);
        using AsyncServerStreamingCall<WatchResponse> watch =
            new KeyService.KeyServiceClient(channel).Watch(new WatchRequest(), cancellationToken: cancellationToken);
        Assert.True(await watch.ResponseStream.MoveNext(cancellationToken));

        long start = Stopwatch.GetTimestamp();
        Assert.Equal(0, await node.StopAsync());

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, StopTime);
        await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(cancellationToken));
    }

    [Fact]
    public async Task The_banner_says_where_it_listens_and_what_to_try()
    {
        await using RunningNode node = await RunningNode.StartAsync(_folder.Combine("data"), "--metrics", "127.0.0.1:0");

        string banner = string.Join('\n', node.Output);
        Assert.Contains($"{_folder.Combine("data")}, 0 certificates", banner, StringComparison.Ordinal);
        Assert.Contains($"gpg --keyserver hkp://{node.Hkp.Authority} --search-keys", banner, StringComparison.Ordinal);
        Assert.Contains($"import --data {_folder.Combine("data")} KEYRING...", banner, StringComparison.Ordinal);
        Assert.Contains("curl 'http://", banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_owner_may_use_the_admin_socket()
    {
        await using RunningNode node = await RunningNode.StartAsync(_folder.Combine("data"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.Combine("data", "admin.sock")));
    }

    [Fact]
    public async Task Metrics_tell_the_number_of_certificates()
    {
        await using RunningNode node = await RunningNode.StartAsync(_folder.Combine("data"), "--metrics", "127.0.0.1:0");
        string line = await node.WaitForLineAsync("  metrics ");
        (await Sksd.RunAsync("import", "--data", _folder.Combine("data"), TestData.OldKeyring)).EnsureSuccess();

        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri(line.Split(' ')[^1]), TestContext.Current.CancellationToken);

        string certificates = Assert.Single(metrics.Split('\n'), row => row.StartsWith("sks_node_certificates", StringComparison.Ordinal));
        Assert.EndsWith(" 6", certificates, StringComparison.Ordinal);
        Assert.Contains(
            metrics.Split('\n'), row => row.StartsWith("sks_node_left_out", StringComparison.Ordinal) && row.Contains("reason=\"Unproven\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_in_use_is_named()
    {
        await using RunningNode first = await RunningNode.StartAsync(_folder.Combine("first"));

        ProcessResult second = await Sksd.RunAsync(
            "run", "--data", _folder.Combine("second"), "--hkp", first.Hkp.Authority, "--recon", "off", "--grpc", "off");

        Assert.Equal(3, second.ExitCode);
        Assert.Contains(first.Hkp.Authority, second.SingleError(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_off_listens_nowhere()
    {
        await using RunningProcess node = RunningProcess.Start(
            Sksd.Command("run", "--data", _folder.Combine("data"), "--hkp", "off", "--recon", "off", "--grpc", "off"));
        await node.WaitForLineAsync("Stop with Ctrl-C.", null, TestContext.Current.CancellationToken);

        HashSet<string> sockets = [.. Directory.EnumerateFiles($"/proc/{node.Id}/fd").Select(static file => File.ResolveLinkTarget(file, false)?.Name ?? "")];
        IEnumerable<string> listening = ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).SelectMany(File.ReadLines)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static columns => columns is [_, _, _, "0A", ..])
            .Select(static columns => $"socket:[{columns[9]}]");

        Assert.Contains(sockets, static name => name.StartsWith("socket:", StringComparison.Ordinal));
        Assert.DoesNotContain(listening, sockets.Contains);
    }

    [Fact]
    public async Task A_store_in_use_is_refused()
    {
        await using RunningNode first = await RunningNode.StartAsync(_folder.Combine("data"));

        ProcessResult second = await Sksd.RunAsync("run", "--data", _folder.Combine("data"), "--hkp", "off", "--recon", "off", "--grpc", "off");

        Assert.Equal(3, second.ExitCode);
        Assert.Contains(_folder.Combine("data"), second.SingleError(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_node_leaves_a_socket_that_the_next_one_replaces()
    {
        await using (RunningNode killed = await RunningNode.StartAsync(_folder.Combine("data")))
            await killed.KillAsync();
        Assert.True(File.Exists(_folder.Combine("data", "admin.sock")));
        Assert.Equal(0, (await Sksd.RunAsync("stats", "--data", _folder.Combine("data"))).ExitCode);

        await using RunningNode next = await RunningNode.StartAsync(_folder.Combine("data"));

        (await Sksd.RunAsync("import", "--data", _folder.Combine("data"), TestData.OldKeyring)).EnsureSuccess();
        Assert.Contains("certificates: 6", (await Sksd.RunAsync("stats", "--data", _folder.Combine("data"))).OutputLines);
    }
}
