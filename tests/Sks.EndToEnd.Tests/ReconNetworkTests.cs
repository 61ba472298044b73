using System.Net;
using System.Text.Json;
using Sks.Admin.V1;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

/// <summary>This program in networks of real SKS servers and of its own kind, as an operator sets it up.</summary>
public sealed class ReconNetworkTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReconNode _node = new("127.0.0.4");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_SKS_folder_is_all_it_takes_to_join_a_real_SKS()
    {
        string common = WriteKeyring("common", 0, 100);
        await _node.ImportAsync(common, WriteKeyring("ours", 1000, 30));
        await using SksPeer sks = await ServeAsync("127.0.0.2", [common, WriteKeyring("theirs", 2000, 40)]);
        await sks.StartReconAsync(Token);
        string etc = _folder.Combine("etc/sks");
        Directory.CreateDirectory(etc);
        await File.WriteAllTextAsync(Path.Combine(etc, "sksconf"), $"""
            # written for SKS
            debuglevel: 6
            hostname: 127.0.0.98
            hkp_address: {_node.HkpEndPoint.Address}
            hkp_port: {_node.HkpEndPoint.Port}
            recon_address: {_node.EndPoint.Address}
            recon_port: {_node.EndPoint.Port}
            pagesize: 16
            ptree_pagesize: 16
            gossip_interval: 0.01
            disable_mailsync:
            initial_stat:

            """, Token);
        await File.WriteAllTextAsync(Path.Combine(etc, "membership"), $"{sks.ReconEndPoint.Address} {sks.ReconEndPoint.Port} # them\n", Token);
        await File.WriteAllTextAsync(Path.Combine(etc, "mailsync"), "", Token);

        // The folder that holds etc/sks, as with SKS's own -basedir.
        await _node.StartWithAsync("--sks-config", _folder.Path);

        await ExpectEqualAsync(sks, 170);
        JsonElement peer = await _node.PeersVerbJsonAsync();
        Assert.Equal($"{sks.ReconEndPoint.Address} {sks.ReconEndPoint.Port}", peer.GetProperty("name").GetString());
        Assert.Equal("initiator", peer.GetProperty("lastRole").GetString());
        Assert.Equal(40, peer.GetProperty("differenceCount").GetInt64());
        Assert.Equal(40, peer.GetProperty("recoveredCount").GetInt64());
        Assert.Equal(0, peer.GetProperty("lastDifferenceCount").GetInt64());
        Assert.InRange(peer.GetProperty("lastContactTime").GetDateTimeOffset(), DateTimeOffset.UnixEpoch, peer.GetProperty("nextAttemptTime").GetDateTimeOffset());
        IReadOnlyList<string> table = await _node.PeersVerbAsync();
        Assert.StartsWith($"{sks.ReconEndPoint.Address}  {sks.ReconEndPoint.Port}  20", table[2], StringComparison.Ordinal);
        Assert.Contains("  initiator  0      40  ", table[2], StringComparison.Ordinal);
        using var http = new HttpClient();
        string page = await http.GetStringAsync(new Uri($"http://{_node.HkpEndPoint}/pks/lookup?op=stats"), Token);
        Assert.Contains($"<tr><td>{sks.ReconEndPoint.Address} {sks.ReconEndPoint.Port}</td></tr>", page, StringComparison.Ordinal);
        await _node.StopAsync();
        Assert.Equal(3, (await Sksd.RunAsync("peers", "--data", _node.Data)).ExitCode);
        await _node.ExpectSoundAsync(170);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_is_tiny_beside_its_peer_says_how_to_begin_and_fetches_nothing(bool weContact)
    {
        await _node.ImportAsync(WriteKeyring("ours", 0, 20));
        await using SksPeer sks = await ServeAsync("127.0.0.2", [WriteKeyring("theirs", 0, 300)], gossips: !weContact);
        await sks.StartReconAsync(Token);

        await _node.StartAsync([sks.ReconEndPoint], ("BootstrapThreshold", 200), ("Gossip", weContact));

        await _node.WaitForPeersAsync(static peers => peers[0].ErrorCount >= 2, "two refusals");
        Admin.V1.Peer peer = Assert.Single(await _node.ReadPeersAsync());
        Assert.Equal(weContact ? PeerRole.Initiator : PeerRole.Responder, peer.LastRole);
        Assert.Equal(0ul, peer.SessionCount);
        Assert.Equal(20, await _node.CountAsync());
        const string advice = "bootstrap from it or import a dump first";
        Assert.Contains(await _node.PeersVerbAsync(), static line => line.EndsWith(advice, StringComparison.Ordinal));
        Assert.Contains(_node.Process.Output, static line => line.Contains(advice, StringComparison.Ordinal));

        // Which is what it takes.
        await _node.StopAsync();
        await _node.ImportAsync(_folder.Combine("theirs.pgp"));
        await _node.StartAsync([sks.ReconEndPoint], ("BootstrapThreshold", 200), ("Gossip", weContact));
        await _node.WaitForPeersAsync(static peers => peers[0].SessionCount >= 1, "a session");
    }

    [Fact]
    public async Task Signatures_with_odd_unhashed_areas_spread_once_and_make_no_new_digest_after_that()
    {
        string common = WriteKeyring("common", 0, 60);
        string[] keyrings = [common, .. Enumerable.Range(0, 3).Select(variant => SyntheticKeyring.Write(
            _folder.Combine($"odd{variant}.pgp"), Enumerable.Range(0, 12).Select(seed => Odd(5000 + seed, variant))))];
        await using SksPeer a = await ServeAsync("127.0.0.2", [common, keyrings[1]]);
        await using SksPeer b = await ServeAsync("127.0.0.3", [common, keyrings[2]]);
        await _node.ImportAsync(common, keyrings[3]);
        await a.StartReconAsync(Token);
        await b.StartReconAsync(Token);

        await _node.StartAsync([a.ReconEndPoint, b.ReconEndPoint], ("Interval", "00:00:00.2"));

        string[] fingerprints = [.. keyrings.SelectMany(TestData.Read).Select(static certificate => certificate.PrimaryKey.Fingerprint.ToString()).Distinct()];
        await _node.WaitAsync(
            async () => Sorted(await a.DigestsAsync(fingerprints, Token)).SequenceEqual(Sorted(await b.DigestsAsync(fingerprints, Token))), "both ends are equal");
        await _node.WaitForQuietRoundsAsync(3);
        string[] settled = [.. Sorted(await a.DigestsAsync(fingerprints, Token))];
        await _node.WaitForQuietRoundsAsync(10);
        Assert.Equal(settled, Sorted(await a.DigestsAsync(fingerprints, Token)));
        Assert.Equal(settled, Sorted(await b.DigestsAsync(fingerprints, Token)));
        Assert.All(await _node.ReadPeersAsync(), static peer =>
        {
            Assert.InRange(peer.DifferenceCount, 12ul, ulong.MaxValue);
            Assert.Equal(0u, peer.AliasCount + peer.IneffectiveCount);
        });
        await _node.StopAsync();
        await _node.ExpectSoundAsync(72);
        Assert.Equal(settled, await DigestsOfDumpAsync(_node));
    }

    [Fact]
    public async Task Two_nodes_settle_a_thousand_differences()
    {
        string common = WriteKeyring("common", 0, 3000);
        await using var other = new ReconNode("127.0.0.5");
        await _node.ImportAsync(common, WriteKeyring("ours", 10_000, 500));
        await other.ImportAsync(common, WriteKeyring("theirs", 20_000, 500));
        await other.StartAsync([_node.EndPoint]);
        await _node.StartAsync([other.EndPoint]);

        await _node.WaitAsync(async () => await _node.CountAsync() == 4000 && await other.CountAsync() == 4000, "both have the union");
        await _node.WaitForQuietRoundsAsync(2);
        await _node.StopAsync();
        await other.StopAsync();

        await _node.ExpectSoundAsync(4000);
        await other.ExpectSoundAsync(4000);
        Assert.Equal(await DigestsOfDumpAsync(_node), await DigestsOfDumpAsync(other));
    }

    private static IEnumerable<string> Sorted(IReadOnlyDictionary<string, string> digests) => digests.Values.Order(StringComparer.Ordinal);

    // The same certificate and the same signatures; what stands beside these, unsigned, depends on the variant.
    private static byte[] Odd(int seed, int variant)
    {
        SigningKey key = SigningKey.FromPool(seed);
        var certificate = new SignedCertificate(key);
        certificate.UserId($"Odd {seed} <odd.{seed}@example.org>").Certify();
        byte[] signature = certificate.LastSignature;
        Subpacket issuer = Subpacket.Issuer(key);
        byte[][] signatures = variant switch
        {
            0 => [SignatureVariant.WithUnhashed(signature)],
            1 => [SignatureVariant.WithUnhashed(signature, issuer, issuer), SignatureVariant.WithUnhashed(signature, issuer)],
            _ => [SignatureVariant.WithUnhashed(signature, new Subpacket(100, TestPackets.Filled(1 + (seed % 300), seed, "odd")))],
        };
        var other = new SignedCertificate(key);
        other.UserId($"Odd {seed} <odd.{seed}@example.org>").Add(signatures);
        return other.Build();
    }

    private async Task ExpectEqualAsync(SksPeer sks, int count)
    {
        await _node.WaitAsync(async () => await _node.CountAsync() == count && await sks.KeyCountAsync(Token) == count, $"both have {count}");
        await _node.WaitForQuietRoundsAsync(2);
    }

    private async Task<IReadOnlyList<string>> DigestsOfDumpAsync(ReconNode node)
    {
        string dump = _folder.Combine("dump-" + node.EndPoint.Address);
        (await Sksd.RunAsync("dump", "--data", node.Data, dump)).EnsureSuccess();
        return TestData.Digests(Directory.GetFiles(dump, "*.pgp"));
    }

    private string WriteKeyring(string name, int firstSeed, int count) => SyntheticKeyring.Write(_folder.Combine(name + ".pgp"), firstSeed, count);

    private Task<SksPeer> ServeAsync(string address, IReadOnlyList<string> keyrings, bool gossips = false) => SksPeer.ServeAsync(
        keyrings,
        new SksPeerOptions
        {
            Address = IPAddress.Parse(address),
            Membership = [_node.EndPoint],
            GossipInterval = TimeSpan.FromSeconds(1),
            Settings = gossips ? new Dictionary<string, string?>() : new Dictionary<string, string?> { ["dontgossip"] = "" },
        },
        Token);
}
