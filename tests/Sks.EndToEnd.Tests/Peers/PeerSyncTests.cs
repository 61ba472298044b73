using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>Nodes that are connected hold the same.</summary>
public sealed class PeerSyncTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_submitted_at_one_end_of_a_chain_is_served_at_the_other()
    {
        await using PeerNetwork chain = await PeerNetwork.StartChainAsync(5, ("Peer:CompareInterval", "00:10:00"));
        foreach ((PeerNode node, PeerNode next) in chain.Nodes.Zip(chain.Nodes.Skip(1)))
            await node.WaitForPeerAsync(next, static peer => peer.Connected, "connected");
        CertificateBuilder first = CertificateBuilder.Ordinary(1);
        CertificateBuilder second = CertificateBuilder.Ordinary(2);

        await chain.Nodes[0].AddOverHkpAsync(first.Build());
        await chain.Nodes[^1].SubmitAsync(second.Build());

        await chain.Nodes[^1].WaitAsync(() => chain.Nodes[^1].ServesAsync(first.PrimaryKey.Fingerprint), "the last has what the first was given");
        await chain.Nodes[0].WaitAsync(() => chain.Nodes[0].ServesAsync(second.PrimaryKey.Fingerprint), "the first has what the last was given");
        await chain.WaitForEqualAsync(2);
    }

    [Fact]
    public async Task Two_nodes_with_thousands_of_different_certificates_become_equal()
    {
        await using var first = new PeerNode("first");
        await using var second = new PeerNode("second");
        string common = WriteKeyring("common", 0, 1000);
        await first.ImportAsync(common, WriteKeyring("ours", 10_000, 1500));
        await second.ImportAsync(common, WriteKeyring("theirs", 20_000, 1500));
        await Task.WhenAll(first.StartAsync(), second.StartAsync());

        await second.JoinAsync(first);

        await PeerNetwork.WaitForEqualAsync(4000, first, second);
        await second.WaitForRoundsAsync(first, 2);
        Assert.Equal(0ul, (await first.FindPeerAsync(second))!.LastDifferenceCount + (await second.FindPeerAsync(first))!.LastDifferenceCount);
        await first.StopAsync();
        await second.StopAsync();
        await first.ExpectSoundAsync();
        await second.ExpectSoundAsync();
    }

    [Fact]
    public async Task Certificates_that_changed_on_both_sides_converge_on_the_union()
    {
        var other = new SigningKey(99);
        SignedCertificate[] here = [.. Enumerable.Range(1, 30).Select(static seed => Named(seed))];
        SignedCertificate[] there = [.. Enumerable.Range(1, 30).Select(static seed => Named(seed))];
        await using PeerNode first = await PeerNode.StartNewAsync("first");
        await using PeerNode second = await PeerNode.StartNewAsync("second");
        await first.SubmitAsync(here.Select(static certificate => certificate.Build()));
        await second.JoinAsync(first);
        IReadOnlyList<string> before = await PeerNetwork.WaitForEqualAsync(30, first, second);

        // While they are connected, and at the same time.
        await Task.WhenAll(
            first.SubmitAsync(here.Select(certificate => certificate.UserId("Here <here@example.org>").Certify().ThirdParty(other).Build())),
            second.SubmitAsync(there.Select(certificate => certificate.UserId("There <there@example.org>").Certify().Build())));
        await PeerNetwork.WaitForEqualAsync(30, first, second);
        await second.WaitForRoundsAsync(first, 2);

        IReadOnlyList<string> after = await PeerNetwork.WaitForEqualAsync(30, first, second);
        Assert.Empty(before.Intersect(after));
        await using PeerNode union = await PeerNode.StartNewAsync("union");
        await union.SubmitAsync(here.Concat(there).Select(static certificate => certificate.Build()));
        Assert.Equal(await union.DigestsAsync(), after);
    }

    [Fact]
    public async Task Comparing_does_not_stumble_over_what_is_submitted_meanwhile()
    {
        await using PeerNode first = await PeerNode.StartNewAsync("first", ("Peer:CompareInterval", "00:00:00.1"));
        await using PeerNode second = await PeerNode.StartNewAsync("second", ("Peer:CompareInterval", "00:00:00.1"));
        await second.JoinAsync(first);

        await Task.WhenAll(StormAsync(first, 10_000), StormAsync(second, 20_000));

        await PeerNetwork.WaitForEqualAsync(1600, first, second);
        Assert.Equal(0ul, (await first.FindPeerAsync(second))!.ErrorCount + (await second.FindPeerAsync(first))!.ErrorCount);

        static async Task StormAsync(PeerNode node, int seed)
        {
            for (int i = 0; i < 800; i += 20)
                await node.SubmitAsync(Enumerable.Range(seed + i, 20).Select(static number => new CertificateBuilder(number).SignedUserId($"Storm {number}").Build()));
        }
    }

    [Fact]
    public async Task An_older_copy_of_a_store_is_noticed_and_catches_up()
    {
        await using PeerNode first = await PeerNode.StartNewAsync("first");
        await using PeerNode second = await PeerNode.StartNewAsync("second");
        await using var backup = new PeerNode("backup");
        await first.SubmitAsync(Make(0, 50));
        await second.JoinAsync(first);
        await PeerNetwork.WaitForEqualAsync(50, first, second);
        await second.StopAsync();
        second.CopyDataTo(backup);
        await second.RestartAsync();
        await second.SubmitAsync(Make(1000, 50));
        await PeerNetwork.WaitForEqualAsync(100, first, second);
        await second.StopAsync();

        backup.CopyDataTo(second);
        await second.RestartAsync();

        await first.Process.WaitForLineAsync("was restored or built anew");
        await PeerNetwork.WaitForEqualAsync(100, first, second);
        await second.SubmitAsync(Make(2000, 50));
        await PeerNetwork.WaitForEqualAsync(150, first, second);
    }

    private static SignedCertificate Named(int seed) =>
        new SignedCertificate(SigningKey.FromPool(seed)).UserId($"Number {seed} <number.{seed}@example.org>").Certify();

    private static IEnumerable<byte[]> Make(int firstSeed, int count) =>
        Enumerable.Range(firstSeed, count).Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Build());

    private string WriteKeyring(string name, int firstSeed, int count) => SyntheticKeyring.Write(_folder.Combine(name + ".pgp"), firstSeed, count);
}
