using Sks.HkpAdapter.Recon;
using Sks.Node.Peers;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Who asks for what was left alone for its sake has lost it.</summary>
public sealed class AskedAliasTests
{
    private static readonly SksDigest Alias = new(77);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1 11370", 0)]
    [InlineData("127.0.0.2 11370", 1)]
    public async Task A_hash_query_ends_the_alias_of_the_member_that_asks_and_of_no_other(string holder, int aliases)
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(
            recon: new ReconOptions { Listen = ["off"], Peers = ["127.0.0.1:11370", "127.0.0.2:11370"] });
        await AddAliasAsync(hkp, holder);

        Assert.Equal(200, (await hkp.PostAsync("/pks/hashquery", Request(Alias))).StatusCode);

        Assert.Equal(aliases, Aliases(hkp, holder));
    }

    [Fact]
    public async Task A_stranger_ends_no_alias()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(recon: new ReconOptions { Listen = ["off"], Peers = ["127.0.0.2:11370"] });
        await AddAliasAsync(hkp, "127.0.0.2 11370");

        Assert.Equal(403, (await hkp.PostAsync("/pks/hashquery", Request(Alias))).StatusCode);

        Assert.Equal(1, Aliases(hkp, "127.0.0.2 11370"));
    }

    [Fact]
    public async Task Asking_for_something_else_ends_no_alias()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(recon: new ReconOptions { Listen = ["off"], Peers = ["127.0.0.1:11370"] });
        await AddAliasAsync(hkp, "127.0.0.1 11370");

        Assert.Equal(200, (await hkp.PostAsync("/pks/hashquery", Request(new SksDigest(78)))).StatusCode);

        Assert.Equal(1, Aliases(hkp, "127.0.0.1 11370"));
    }

    private static byte[] Request(SksDigest digest) => [0, 0, 0, 1, 0, 0, 0, 16, .. Convert.FromHexString(digest.ToString())];

    private static int Aliases(HkpFixture hkp, string peer) => hkp.Node.Peers.Read().Single(status => status.Name == peer).Aliases;

    private static async Task AddAliasAsync(HkpFixture hkp, string peer)
    {
        PeerReconciliation reconciliation = hkp.Node.Reconciliation.With(peer, new PeerReconciliationOptions(TimeSpan.FromDays(7), 10, 1000));
        await reconciliation.TakeAsync(new byte[] { 0x99, 0xFF, 0xFF, 0x04 }, new HashSet<SksDigest> { Alias }, Token);
        Assert.Equal(1, Aliases(hkp, peer));
    }
}
