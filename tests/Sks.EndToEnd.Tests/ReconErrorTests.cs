using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Peers with which something is wrong that does not go away by itself: it is said, and there is no storm.</summary>
public sealed class ReconErrorTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReconNode _node = new("127.0.0.4");
    private readonly ReconNode _peer = new("127.0.0.5");

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_peer_that_cannot_be_fetched_from_is_asked_once_in_a_round_and_that_stays_to_be_seen()
    {
        await _peer.ImportAsync(SyntheticKeyring.Write(_folder.Combine("theirs.pgp"), 0, 200));
        await _peer.StartAsync([_node.EndPoint], ("Gossip", false), ("HttpPort", 1));

        await _node.StartAsync([_peer.EndPoint], ("FetchSize", 1));

        await _node.WaitForPeersAsync(static peers => peers[0].ErrorCount >= 3, "three rounds that failed");
        for (int look = 0; look < 20; look++)
            Assert.StartsWith("fetching: Connection refused", Assert.Single(await _node.ReadPeersAsync()).LastError, StringComparison.Ordinal);
        Assert.Contains(await _node.PeersVerbAsync(), static line => line.Contains(": fetching: Connection refused", StringComparison.Ordinal));
        IReadOnlyList<string> log = _node.Process.Output;
        int rounds = log.Count(static line => line.EndsWith("session as initiator done, 200 certificates are only there.", StringComparison.Ordinal));
        Assert.InRange(log.Count(static line => line.Contains("fetching 1 certificates failed", StringComparison.Ordinal)), rounds - 1, rounds);
    }

    [Fact]
    public async Task A_peer_with_other_filters_is_left_alone_for_longer_each_time()
    {
        await _peer.StartAsync([_node.EndPoint], ("Gossip", false), ("Filters", "yminsky.dedup"));

        await _node.StartAsync([_peer.EndPoint], ("Interval", "00:00:00.1"));

        await _node.WaitForPeersAsync(static peers => peers[0].ErrorCount >= 4, "four refusals");
        Assert.Contains(await _node.PeersVerbAsync(), static line => line.Contains("filters do not match", StringComparison.Ordinal));
        await _node.WaitForPeersAsync(
            static peers => peers[0].NextAttemptTime.ToDateTimeOffset() - peers[0].LastContactTime.ToDateTimeOffset() > TimeSpan.FromSeconds(2), "a longer pause");
    }

    [Fact]
    public async Task A_full_disk_shows_with_the_peer_and_what_is_missing_comes_when_there_is_space()
    {
        await _peer.ImportAsync(SyntheticKeyring.Write(_folder.Combine("theirs.pgp"), 0, 200));
        await _peer.StartAsync([_node.EndPoint], ("Gossip", false));

        await _node.StartAsync([_peer.EndPoint], ("Node:MinFreeDiskBytes", long.MaxValue));

        await _node.WaitForPeersAsync(static peers => peers[0].ErrorCount >= 2, "two rounds that failed");
        Assert.Contains(await _node.PeersVerbAsync(), static line => line.Contains(": nothing can be stored: ", StringComparison.Ordinal));
        Assert.Equal(0, await _node.CountAsync());
        await _node.StopAsync();
        await _node.StartAsync([_peer.EndPoint]);
        await _node.WaitAsync(async () => await _node.CountAsync() == 200, "it has caught up");
        await _node.WaitForPeersAsync(static peers => peers[0].LastError.Length == 0, "there is no error any more");
        await _node.StopAsync();
        await _node.ExpectSoundAsync(200);
    }
}
