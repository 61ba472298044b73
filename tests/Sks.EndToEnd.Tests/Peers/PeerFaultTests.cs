using Sks.TestSupport;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>What happens to connections and processes does not keep peers from becoming equal.</summary>
public sealed class PeerFaultTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PeerNode _server = new("server");
    private readonly PeerNode _client = new("client", listens: false);
    private readonly FaultProxy _proxy;

    public PeerFaultTests()
    {
        _proxy = new FaultProxy(_server.EndPoint);
        _server.Advertised = _proxy.EndPoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _proxy.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_that_is_cut_in_every_phase_converges_when_it_holds(bool isForward)
    {
        await _server.ImportAsync(WriteKeyring("server", 10_000, 300));
        await _client.ImportAsync(WriteKeyring("client", 20_000, 300));
        await StartAndJoinAsync();

        int expected = 600;
        foreach (long after in (long[])[1, 100, 1_000, 5_000, 20_000, 100_000])
        {
            _proxy.Plan = isForward
                ? new FaultPlan { CutForwardAfter = after, CutConnections = 2 }
                : new FaultPlan { CutBackwardAfter = after, CutConnections = 2 };
            _proxy.CutAll();
            await _client.SubmitAsync(Make(30_000 + expected, 100));
            await _server.SubmitAsync(Make(40_000 + expected, 100));
            expected += 200;
            await PeerNetwork.WaitForEqualAsync(expected, _server, _client);
        }

        Assert.InRange(_proxy.Cuts, 10, int.MaxValue);
    }

    [Fact]
    public async Task A_tenth_of_all_connections_reset_is_only_slower()
    {
        await StartAndJoinAsync();
        _proxy.Plan = new FaultPlan { ResetProbability = 0.1, ResetWithin = 3_000 };

        int round = 0;
        while (++round <= 20 || (_proxy.Limited == 0 && round <= 200))
        {
            _proxy.CutAll();
            await _client.SubmitAsync(Make(1000 * round, 5));
            await _server.SubmitAsync(Make(100_000 + (1000 * round), 5));
            await PeerNetwork.WaitForEqualAsync(10 * round, _server, _client);
        }

        // The cuts of the rounds alone would prove nothing.
        Assert.InRange(_proxy.Limited, 1, int.MaxValue);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filling_an_empty_node_goes_on_where_it_was_when_either_side_is_killed(bool isServerKilled)
    {
        await _server.ImportAsync(WriteKeyring("server", 0, 6_000));
        await StartAndJoinAsync();
        PeerNode killed = isServerKilled ? _server : _client;
        await _client.WaitAsync(async () => await _client.CountAsync() > 500, "it fetches");

        await killed.KillAsync();
        await killed.RestartAsync();

        int kept = await _client.CountAsync();
        Assert.InRange(kept, 501, 6_000);
        await PeerNetwork.WaitForEqualAsync(6_000, _server, _client);
        await _client.StopAsync();
        await _client.ExpectSoundAsync();
        await _server.ExpectSoundAsync();
    }

    [Fact]
    public async Task A_peer_that_stands_still_for_ten_seconds_is_caught_up_with()
    {
        await StartAndJoinAsync();
        await _client.SubmitAsync(Make(0, 10));
        await PeerNetwork.WaitForEqualAsync(10, _server, _client);

        _server.Process.Signal(UnixSignal.Stop);
        await _client.SubmitAsync(Make(1000, 500));
        await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await _client.SubmitAsync(Make(2000, 500));
        _server.Process.Signal(UnixSignal.Continue);

        await PeerNetwork.WaitForEqualAsync(1010, _server, _client);
    }

    [Fact]
    public async Task A_connection_over_which_nothing_passes_is_given_up()
    {
        await StartAndJoinAsync(("Peer:Timeout", "00:00:02"));
        await _client.SubmitAsync(Make(0, 10));
        await PeerNetwork.WaitForEqualAsync(10, _server, _client);

        _proxy.Stall();
        await _client.SubmitAsync(Make(1000, 10));
        await _client.WaitForPeerAsync(_server, static peer => !peer.Connected, "it is given up");
        await _server.WaitForPeerAsync(_client, static peer => !peer.Connected, "it is given up");
        _proxy.CutAll();
        _proxy.Resume();

        await PeerNetwork.WaitForEqualAsync(20, _server, _client);
    }

    [Fact]
    public async Task Peers_that_are_equal_say_little()
    {
        await _server.ImportAsync(WriteKeyring("common", 0, 500));
        await StartAndJoinAsync();
        await PeerNetwork.WaitForEqualAsync(500, _server, _client);
        await _client.WaitForRoundsAsync(_server, 2);

        long before = _proxy.Bytes;
        ulong rounds = (await _client.FindPeerAsync(_server))!.SessionCount;
        await _client.WaitForRoundsAsync(_server, 8);
        rounds = (await _client.FindPeerAsync(_server))!.SessionCount - rounds;

        // At most 200 bytes of messages; TLS, HTTP/2 and pings come on top, and one round that may have just begun.
        Assert.InRange((_proxy.Bytes - before) / (double)rounds, 1, 800);
    }

    private static IEnumerable<byte[]> Make(int firstSeed, int count) =>
        Enumerable.Range(firstSeed, count).Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Build());

    // The client does not listen: all there is goes through the proxy.
    private async Task StartAndJoinAsync(params (string Name, object Value)[] settings)
    {
        await Task.WhenAll(_server.StartAsync(settings), _client.StartAsync(settings));
        await _client.JoinAsync(_server);
        await _client.WaitForPeerAsync(_server, static peer => peer.Connected, "connected");
    }

    private string WriteKeyring(string name, int firstSeed, int count) => SyntheticKeyring.Write(_folder.Combine(name + ".pgp"), firstSeed, count);
}
