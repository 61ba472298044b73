using Sks.TestSupport;
using Sks.TestSupport.Signing;
using RefusalReason = Sks.Admin.V1.RefusalReason;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>Restrictions between peers, and what one of two peers refuses.</summary>
public sealed class PeerRestrictionTests : IAsyncDisposable
{
    private readonly PeerNode _a = new("A");
    private readonly PeerNode _b = new("B");
    private readonly PeerNode _c = new("C");

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        await _c.DisposeAsync();
    }

    [Fact]
    public async Task A_block_is_honoured_wherever_its_origin_is_listed_and_relayed_on_the_way()
    {
        await _a.StartAsync();
        await Task.WhenAll(_b.StartAsync(("Restrictions:Origins", (string[])[_a.Id])), _c.StartAsync(("Restrictions:Origins", (string[])[_a.Id])));
        await _b.JoinAsync(_a);
        await _c.JoinAsync(_b);
        await _a.SubmitAsync(SignedCertificate.Ordinary(1).Build(), SignedCertificate.Ordinary(2).Build());
        await PeerNetwork.WaitForEqualAsync(2, _a, _b, _c);

        await _a.RunAsync("block", FingerprintOf(1), "--reason", "order 17");

        await PeerNetwork.WaitForEqualAsync(1, _a, _b, _c);
        await _b.WaitForRoundsAsync(_c, 2);
        Assert.Equal(1, await _c.CountAsync());
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, await _c.AddOverHkpAsync(SignedCertificate.Ordinary(1).Build()));
    }

    [Fact]
    public async Task A_block_is_not_honoured_where_its_origin_is_not_listed_and_costs_nothing_later()
    {
        await using var proxy = new FaultProxy(_a.EndPoint);
        _a.Advertised = proxy.EndPoint;
        await using var b = new PeerNode("B", listens: false);
        await Task.WhenAll(_a.StartAsync(), b.StartAsync());
        await b.JoinAsync(_a);
        await b.SubmitAsync(Enumerable.Range(1, 20).Select(static seed => SignedCertificate.Ordinary(seed).Build()));
        await PeerNetwork.WaitForEqualAsync(20, _a, b);

        for (int seed = 1; seed <= 5; seed++)
            await _a.RunAsync(seed == 1 ? "erase" : "block", FingerprintOf(seed));

        await _a.WaitAsync(async () => await _a.CountAsync() == 15, "they are gone");
        await b.WaitAsync(async () => await PhantomsAsync(_a, b) > 0, "they are set aside");
        await b.WaitForRoundsAsync(_a, 6);
        Assert.Equal(20, await b.CountAsync());
        Assert.Equal(15, await _a.CountAsync());
        Assert.InRange(Assert.Single((await b.FindPeerAsync(_a))!.Refused, static refused => refused.Reason == RefusalReason.Restricted).Count, 1ul, 50ul);
        Assert.Contains((await b.RunAsync("peers")).OutputLines, static line => line.Contains("has refused certificates of this node: ", StringComparison.Ordinal));
        long bytes = proxy.Bytes;
        ulong rounds = (await b.FindPeerAsync(_a))!.SessionCount;
        await b.WaitForRoundsAsync(_a, 6);
        Assert.Equal(0ul, (await _a.FindPeerAsync(b))!.LastDifferenceCount + (await b.FindPeerAsync(_a))!.LastDifferenceCount);
        rounds = (await b.FindPeerAsync(_a))!.SessionCount - rounds;
        Assert.InRange((proxy.Bytes - bytes) / (double)rounds, 1, 800);

        // They are known, and shown, before there is a contact.
        await b.StopAsync();
        await _a.StopAsync();
        await _a.RestartAsync();
        Assert.True((await _a.FindPeerAsync(b))!.PhantomCount > 0);
    }

    [Fact]
    public async Task What_is_allowed_again_comes_back_from_a_peer()
    {
        SigningKey key = SigningKey.FromPool(1);
        SignedCertificate certificate = new SignedCertificate(key).UserId("Old <old@example.org>").Certify();
        await Task.WhenAll(_a.StartAsync(), _b.StartAsync());
        await _b.JoinAsync(_a);
        await _b.SubmitAsync(certificate.Build());
        await PeerNetwork.WaitForEqualAsync(1, _a, _b);
        await _a.RunAsync("block", key.Fingerprint.ToString());
        await _b.WaitForRoundsAsync(_a, 4);
        Assert.Equal(0, await _a.CountAsync());

        await _a.RunAsync("unblock", key.Fingerprint.ToString());
        await _b.SubmitAsync(certificate.UserId("New <new@example.org>").Certify().Build());

        await PeerNetwork.WaitForEqualAsync(1, _a, _b);
    }

    private static async Task<long> PhantomsAsync(PeerNode one, PeerNode other) =>
        (await one.FindPeerAsync(other))!.PhantomCount + (await other.FindPeerAsync(one))!.PhantomCount;

    private static string FingerprintOf(int seed) => SignedCertificate.Ordinary(seed).Primary.Fingerprint.ToString();
}
