using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;
using AdminPeer = Sks.Admin.V1.Peer;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>Nodes that are peers of each other, between real SKS servers that know nothing of it.</summary>
public sealed class MixedNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_enters_at_an_SKS_at_one_end_is_served_by_the_SKS_at_the_other()
    {
        string common = SyntheticKeyring.Write(_folder.Combine("common.pgp"), 0, 30);
        await using MixedNetwork network = await MixedNetwork.StartAsync(isRing: false, [common, common, common, common]);
        SignedCertificate first = Named(9001);
        SignedCertificate second = Named(9002);

        await network.FirstServer.AddAsync(TestData.Armor(first.Build()), Token);
        await network.SecondServer.AddAsync(TestData.Armor(second.Build()), Token);

        await ExpectAtAsync(network.Second, network.SecondServer, first);
        await ExpectAtAsync(network.First, network.FirstServer, second);

        // And so is what comes to it there.
        first.UserId("Later <later@example.org>").Certify();
        await network.SecondServer.AddAsync(TestData.Armor(first.Build()), Token);
        await ExpectAtAsync(network.First, network.FirstServer, first);
        Assert.Equal(32, (await network.WaitForEqualAsync()).Count);

        Task ExpectAtAsync(PeerNode node, SksPeer server, SignedCertificate certificate)
        {
            Certificate read = certificate.BuildCertificate();
            return network.WaitAsync(
                async () => await node.ServesAsync(read.PrimaryKey.Fingerprint)
                    && await server.DigestOfAsync(read.PrimaryKey.Fingerprint.ToString(), Token) == read.Digest.ToString(),
                "it is served at the other end");
        }
    }

    [Fact]
    public async Task A_ring_with_odd_duplicate_and_misplaced_packets_settles_for_good()
    {
        string[] keyrings = [.. Enumerable.Range(0, OddCertificates.Copies).Select(copy => SyntheticKeyring.Write(
            _folder.Combine($"copy{copy}.pgp"),
            [.. Enumerable.Range(0, 30).Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Build()), .. OddCertificates.Write(copy)]))];
        await using MixedNetwork network = await MixedNetwork.StartAsync(isRing: true, keyrings);

        Assert.Equal(30 + OddCertificates.Count, (await network.WaitForEqualAsync()).Count);
        await network.WaitForRoundsAsync(3);
        IReadOnlyList<string> settled = await network.WaitForEqualAsync();
        IReadOnlyList<string> clean = await PeerNetwork.WaitForEqualAsync(settled.Count, network.First, network.Second);
        string[] counters = await ReadCountersAsync(network);

        await network.WaitForRoundsAsync(10);

        Assert.Equal(settled, await network.WaitForEqualAsync());
        Assert.Equal(clean, await network.First.DigestsAsync());
        Assert.Equal(clean, await network.Second.DigestsAsync());
        Assert.Equal(counters, await ReadCountersAsync(network));
        foreach (PeerNode node in (PeerNode[])[network.First, network.Second])
        {
            Assert.All(await node.ReadPeersAsync(), static peer =>
            {
                Assert.Equal(0ul, peer.LastDifferenceCount);
                Assert.Equal(0u, peer.AliasCount + peer.IneffectiveCount + peer.PhantomCount);
            });
            await node.StopAsync();
            await node.ExpectSoundAsync();
        }
    }

    private static SignedCertificate Named(int seed) =>
        new SignedCertificate(SigningKey.FromPool(seed)).UserId($"Number {seed} <number.{seed}@example.org>").Certify();

    // What grows with work that rounds find to do, of all links.
    private static async Task<string[]> ReadCountersAsync(MixedNetwork network) =>
        [.. (await network.First.ReadPeersAsync()).Concat(await network.Second.ReadPeersAsync()).Select(static (AdminPeer peer) =>
            $"{peer.Name}: {peer.DifferenceCount} differences, {peer.RecoveredCount} recovered, {peer.SentCount} sent, {peer.ErrorCount} errors")];
}
