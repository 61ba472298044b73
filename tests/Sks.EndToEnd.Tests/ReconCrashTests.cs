using System.Net;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>A real SKS and this node, one of which is killed at a bad moment: nothing is lost, and the next rounds settle the rest.</summary>
public sealed class ReconCrashTests : IAsyncDisposable
{
    private const int Common = 50;

    private readonly TemporaryFolder _folder = new();
    private readonly ReconNode _node = new("127.0.0.4");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_fetches_goes_on_after_a_restart()
    {
        const int missing = 500;
        await using SksPeer sks = await ServeAsync(theirs: missing, ours: 20);
        await sks.StartReconAsync(Token);

        // One by one, so that the kill is sure to meet the fetch.
        await _node.StartAsync([sks.ReconEndPoint], ("FetchSize", 1));
        int before = Common + 20;
        await _node.WaitAsync(async () => await _node.CountAsync() > before + 20, "it fetches");
        await _node.KillAsync();
        await _node.StartAsync([sks.ReconEndPoint], ("Gossip", false));
        Assert.InRange(await _node.CountAsync(), before + 20, before + missing - 1);
        await _node.KillAsync();

        await _node.StartAsync([sks.ReconEndPoint]);

        await ExpectEqualAsync(sks, Common + 20 + missing);
    }

    [Fact]
    public async Task An_SKS_whose_database_is_killed_while_it_is_fetched_from_is_gone_on_with_after_its_restart()
    {
        const int missing = 500;
        await using SksPeer sks = await ServeAsync(theirs: missing, ours: 20);
        await sks.StartReconAsync(Token);
        await _node.StartAsync([sks.ReconEndPoint], ("FetchSize", 1));
        await _node.WaitAsync(async () => await _node.CountAsync() > Common + 40, "it fetches");

        await sks.KillDbAsync(Token);

        await _node.Process.WaitForLineAsync(" as initiator: fetching: ");
        Assert.Contains(await _node.PeersVerbAsync(), line => line.StartsWith($"{sks.ReconEndPoint.Address} {sks.ReconEndPoint.Port}: ", StringComparison.Ordinal));
        Assert.InRange(await _node.CountAsync(), Common + 41, Common + 20 + missing - 1);
        await sks.KillReconAsync(Token);
        await sks.StartDbAsync(Token);
        await sks.StartReconAsync(Token);
        await ExpectEqualAsync(sks, Common + 20 + missing);
    }

    [Fact]
    public async Task An_SKS_that_is_killed_within_a_session_is_gone_on_with_after_its_restart()
    {
        // Disjoint but for a few, so that a session takes SKS long enough to be met.
        await using SksPeer sks = await ServeAsync(theirs: 1500, ours: 1500);
        await sks.StartReconAsync(Token);
        await _node.StartAsync([sks.ReconEndPoint]);
        await Eventually.IsTrueAsync(
            () => sks.ReadLog("recon").Contains("ReconRqst_Poly", StringComparison.Ordinal), "a session is under way", null, Token);

        await sks.KillReconAsync(Token);

        await _node.WaitForPeersAsync(static peers => peers[0].ErrorCount > 0, "an error");
        await _node.WaitForPeersAsync(static peers => peers[0].LastError.Contains("no connection: Connection refused", StringComparison.Ordinal), "nobody is there");
        Assert.Contains(await _node.PeersVerbAsync(), static line => line.Contains(": no connection: Connection refused", StringComparison.Ordinal));
        await sks.StartReconAsync(Token);
        Assert.Contains(
            _node.Process.Output, static line => line.EndsWith("within the session.", StringComparison.Ordinal) || line.EndsWith("the connection broke.", StringComparison.Ordinal));
        await ExpectEqualAsync(sks, Common + 3000);
    }

    private async Task ExpectEqualAsync(SksPeer sks, int count)
    {
        await _node.WaitAsync(async () => await _node.CountAsync() == count && await sks.KeyCountAsync(Token) == count, $"both have {count}");
        await _node.WaitForQuietRoundsAsync(2);
        Admin.V1.Peer peer = Assert.Single(await _node.ReadPeersAsync());
        Assert.Equal("", peer.LastError);
        Assert.Equal(0u, peer.AliasCount + peer.IneffectiveCount);
        await _node.StopAsync();
        await _node.ExpectSoundAsync(count);
    }

    private async Task<SksPeer> ServeAsync(int theirs, int ours)
    {
        string common = SyntheticKeyring.Write(_folder.Combine("common.pgp"), 0, Common);
        await _node.ImportAsync(common, SyntheticKeyring.Write(_folder.Combine("ours.pgp"), 10_000, ours));
        return await SksPeer.ServeAsync(
            [common, SyntheticKeyring.Write(_folder.Combine("theirs.pgp"), 20_000, theirs)],
            new SksPeerOptions
            {
                Address = IPAddress.Parse("127.0.0.2"),
                Membership = [_node.EndPoint],
                Settings = new Dictionary<string, string?> { ["dontgossip"] = "" },
            },
            Token);
    }
}
