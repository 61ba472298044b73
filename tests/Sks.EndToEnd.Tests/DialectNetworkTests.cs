using System.Net;
using System.Text.Json;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

/// <summary>This program between networks that cannot reconcile with one another.</summary>
public sealed class DialectNetworkTests : IAsyncDisposable
{
    private const string Dialect23 = "hockeypuck-2.3";

    private readonly TemporaryFolder _folder = new();
    private readonly ReconNode _bridge = new("127.0.0.4");
    private readonly ReconNode _far = new("127.0.0.6");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        await _far.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Keys_cross_between_a_real_SKS_and_a_node_that_speaks_only_a_dialect()
    {
        string common = WriteKeyring("common", 0, 60);
        await _bridge.ImportAsync(common);
        await _far.ImportAsync(common, WriteKeyring("far", 1000, 30));
        await using SksPeer sks = await SksPeer.ServeAsync(
            [common, WriteKeyring("near", 2000, 40)],
            new SksPeerOptions
            {
                Address = IPAddress.Parse("127.0.0.2"),
                Membership = [_bridge.EndPoint],
                Settings = new Dictionary<string, string?> { ["dontgossip"] = "" },
            },
            Token);
        await sks.StartReconAsync(Token);

        // The far node is told what to speak, the bridge finds out.
        await _far.StartAsync([], ("Peers", (string[])[$"{_bridge.EndPoint};profile={Dialect23}"]));
        await _bridge.StartAsync([sks.ReconEndPoint, _far.EndPoint]);
        await _bridge.WaitAsync(
            async () => await _bridge.CountAsync() == 130 && await _far.CountAsync() == 130 && await sks.KeyCountAsync(Token) == 130, "all have 130");
        await _bridge.WaitForQuietRoundsAsync(3);
        await _far.WaitForQuietRoundsAsync(2);

        IReadOnlyList<Admin.V1.Peer> peers = await _bridge.ReadPeersAsync();
        Assert.Equal(["sks", Dialect23], peers.Select(static peer => peer.Profile));
        Assert.All(peers, static peer => Assert.Equal((0u, 0u), (peer.AliasCount, peer.IneffectiveCount)));
        Assert.Equal(30u, peers[1].RecoveredCount);
        Assert.Single(_bridge.Process.Output, static line => line.Contains($"is the dialect {Dialect23}", StringComparison.Ordinal));
        Assert.EndsWith("  " + Dialect23, (await _bridge.PeersVerbAsync())[3], StringComparison.Ordinal);

        // A new key of either end reaches the other, and after a crash there is nothing to be done again.
        await _bridge.KillAsync();
        await SubmitAsync(_far, 3000);
        await _bridge.StartAsync([sks.ReconEndPoint], ("Peers", (string[])[sks.ReconEndPoint.ToString(), $"{_far.EndPoint};profile={Dialect23}"]));
        await _bridge.WaitAsync(async () => await sks.KeyCountAsync(Token) == 131, "SKS has the new key");
        await _bridge.WaitForQuietRoundsAsync(2);
        await _bridge.StopAsync();
        await _far.StopAsync();
        await _bridge.ExpectSoundAsync(131);
        await _far.ExpectSoundAsync(131);
        Assert.Equal(await DigestAsync(_far, 1000), await DigestAsync(_bridge, 1000));
        Assert.Equal(await DigestAsync(_far, 2003), await DigestAsync(_bridge, 2003));
    }

    [Fact]
    public async Task Import_keeps_up_the_profiles_it_is_told_and_explain_names_their_digests()
    {
        string data = _folder.Combine("data");
        string revoked = _folder.Combine("revoked.pgp");
        await File.WriteAllBytesAsync(revoked, SignedCertificate.Ordinary(7).RevokeKey(2).Build(), Token);
        (await Sksd.RunAsync("import", "--data", data, "--profile", Dialect23, "--profile", "hockeypuck-2.4", revoked)).EnsureSuccess();
        string fingerprint = SigningKey.FromPool(7).Fingerprint.ToString();
        JsonElement digests = JsonDocument.Parse(Assert.Single(
            (await Sksd.RunAsync("explain", "--data", data, "--json", fingerprint)).EnsureSuccess().OutputLines)).RootElement.GetProperty("digests");
        Assert.Equal(["sks", Dialect23, "hockeypuck-2.4"], digests.EnumerateObject().Select(static digest => digest.Name));
        Assert.Equal(3, digests.EnumerateObject().Select(static digest => digest.Value.GetString()!.Length).Sum() / 32);
        Assert.NotEqual(digests.GetProperty("sks").GetString(), digests.GetProperty(Dialect23).GetString());

        string unproven = _folder.Combine("unproven.pgp");
        await File.WriteAllBytesAsync(unproven, new SignedCertificate(SigningKey.FromPool(8)).UserId("Nobody").Build(), Token);
        (await Sksd.RunAsync("import", "--data", data, unproven)).EnsureSuccess();
        JsonElement nothing = JsonDocument.Parse(Assert.Single(
            (await Sksd.RunAsync("explain", "--data", data, "--json", SigningKey.FromPool(8).Fingerprint.ToString())).EnsureSuccess().OutputLines)).RootElement;
        Assert.Equal(JsonValueKind.Null, nothing.GetProperty("digests").GetProperty(Dialect23).ValueKind);

        ProcessResult wrong = await Sksd.RunAsync("import", "--data", data, "--profile", "hockeypuck", unproven);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("'hockeypuck' is no dialect; there are hockeypuck-2.3, hockeypuck-2.4", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impatient_peer_is_answered_in_one_piece_and_a_busy_one_is_asked_again()
    {
        await _bridge.ImportAsync(WriteKeyring("ours", 0, 200));
        using var peer = new ImpatientPeer("127.0.0.8");
        await _bridge.StartAsync([], ("Peers", (string[])[$"{peer.EndPoint};profile={Dialect23}"]), ("Node:Profiles", Dialect23));

        await peer.RefuseAsBusyAsync(Token);
        await peer.RefuseAsBusyAsync(Token);
        (int before, byte[] answers) = await peer.AskForAllAsync(Token);
        Assert.Equal(0, before);

        // Length, kind and count, and 17 octets for each of the 200 certificates.
        Assert.Equal(4 + 1 + 4 + (17 * 200), answers.Length);
        await _bridge.WaitForPeersAsync(static peers => peers[0] is { SessionCount: 1, LastError: "" }, "the session counts");
        Assert.Equal(0u, (await _bridge.ReadPeersAsync())[0].ErrorCount);
    }

    // Every fourth is as the dialects hold only in part: revoked for good, with a picture, or signed by a stranger.
    private static byte[] Build(int seed)
    {
        SignedCertificate simple = new SignedCertificate(SigningKey.FromPool(seed)).UserId($"Number {seed} <number.{seed}@example.org>").Certify();
        SignedCertificate certificate = (seed % 8) switch
        {
            3 => SignedCertificate.Ordinary(seed).RevokeKey(2),
            5 => simple.Attribute(200).Certify(),
            7 => simple.ThirdParty(SigningKey.FromPool(seed + 1)),
            _ => SignedCertificate.Ordinary(seed),
        };
        return certificate.Build();
    }

    private static async Task SubmitAsync(ReconNode node, int seed)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("keytext", System.Text.Encoding.ASCII.GetString(Armor.Write(Build(seed))))]);
        (await http.PostAsync(new Uri($"http://{node.HkpEndPoint}/pks/add"), form, Token)).EnsureSuccessStatusCode();
    }

    private static async Task<string?> DigestAsync(ReconNode node, int seed)
    {
        string fingerprint = SigningKey.FromPool(seed).Fingerprint.ToString();
        ProcessResult explained = (await Sksd.RunAsync("explain", "--data", node.Data, "--json", fingerprint)).EnsureSuccess();
        return JsonDocument.Parse(Assert.Single(explained.OutputLines)).RootElement.GetProperty("digests").GetProperty(Dialect23).GetString();
    }

    private string WriteKeyring(string name, int firstSeed, int count)
    {
        string path = _folder.Combine(name + ".pgp");
        File.WriteAllBytes(path, [.. Enumerable.Range(firstSeed, count).SelectMany(Build)]);
        return path;
    }
}
