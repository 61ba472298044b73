using System.Net;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

public sealed class SksPeerTests
{
    // MD5 over the sorted packets of the first key of Debian's roles, as SKS 1.1.6 said it once and for all.
    private const string ManagersFingerprint = "57731224A9762EA155AB2A530CA8D15BB24D96F2";
    private const string ManagersDigest = "2017861032527DAAA59705CED646E8D9";
    private const string UnknownFingerprint = "00000000000000000000000000000000DEADBEEF";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_the_keys_it_was_built_from_and_says_their_digests()
    {
        await using var gpg = GpgHome.Create();
        var fingerprints = await gpg.ReadFingerprintsAsync(DebianKeyrings.Roles.Require(), Token);
        await using var sks = await SksPeer.ServeAsync([DebianKeyrings.Roles.Require()], cancellationToken: Token);

        Assert.Equal(DebianKeyrings.Roles.Count, fingerprints.Count);
        Assert.Equal(DebianKeyrings.Roles.Count, await sks.KeyCountAsync(Token));
        Assert.Equal(ManagersDigest, await sks.DigestOfAsync(ManagersFingerprint, Token));
        Assert.Equal(ManagersDigest, await sks.DigestOfAsync(ManagersFingerprint.ToLowerInvariant(), Token));
        Assert.Null(await sks.DigestOfAsync(UnknownFingerprint, Token));

        var digests = await sks.DigestsAsync([.. fingerprints, UnknownFingerprint], Token);
        Assert.Equal(fingerprints.Order(), digests.Keys.Order());
        Assert.Equal(fingerprints.Count, digests.Values.Distinct().Count());

        var received = await gpg.ReceiveKeysAsync(sks.KeyserverUri, [ManagersFingerprint], Token);
        received.EnsureSuccess();
        Assert.Equal([ManagersFingerprint], await gpg.ListFingerprintsAsync(Token));
    }

    [Fact]
    public async Task Digests_of_all_of_Debians_keys_are_its_complete_set()
    {
        await using var gpg = GpgHome.Create();
        var fingerprints = new List<string>();
        foreach (var keyring in DebianKeyrings.Debian)
        {
            var inRing = await gpg.ReadFingerprintsAsync(keyring.Require(), Token);
            Assert.Equal(keyring.Count, inRing.Count);
            fingerprints.AddRange(inRing);
        }

        await using var sks = await SksPeer.ServeAsync([.. DebianKeyrings.Debian.Select(keyring => keyring.Path)], cancellationToken: Token);
        var digests = await sks.DigestsAsync(fingerprints, Token);

        Assert.Equal(DebianKeyrings.Debian.Sum(keyring => keyring.Count), await sks.KeyCountAsync(Token));
        Assert.Equal(1_178, digests.Values.Distinct().Count());
    }

    [Fact]
    public async Task Arch_Linuxs_keyring_has_the_stated_count()
    {
        await using var gpg = GpgHome.Create();
        using var folder = new TemporaryFolder();
        var armored = DebianKeyrings.ArchLinux.Require();
        var binary = folder.Combine("archlinux.pgp");
        (await gpg.RunAsync(["--output", binary, "--dearmor", armored], cancellationToken: Token)).EnsureSuccess();

        await using var sks = await SksPeer.ServeAsync([binary], cancellationToken: Token);

        Assert.Equal(DebianKeyrings.ArchLinux.Count, (await gpg.ReadFingerprintsAsync(armored, Token)).Count);
        Assert.Equal(DebianKeyrings.ArchLinux.Count, await sks.KeyCountAsync(Token));
    }

    [Fact]
    public async Task A_dump_builds_an_equal_server()
    {
        using var folder = new TemporaryFolder();
        await using var sks = await SksPeer.ServeAsync([DebianKeyrings.Roles.Require()], cancellationToken: Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => sks.DumpAsync(folder.Path, 4, Token));
        await sks.StopAsync(Token);

        var files = await sks.DumpAsync(folder.Combine("dump"), 4, Token);

        Assert.Equal(["sks-dump-0000.pgp", "sks-dump-0001.pgp"], files.Select(Path.GetFileName));
        Assert.All(files, file => Assert.True(new FileInfo(file).Length > 1_000, file));
        await using var copy = await SksPeer.ServeAsync(files, cancellationToken: Token);
        Assert.Equal(DebianKeyrings.Roles.Count, await copy.KeyCountAsync(Token));
        Assert.Equal(ManagersDigest, await copy.DigestOfAsync(ManagersFingerprint, Token));
    }

    [Fact]
    public async Task An_empty_server_counts_none_and_a_restarted_one_keeps_its_keys()
    {
        await using var gpg = GpgHome.Create();
        await using var sks = await SksPeer.ServeAsync([], cancellationToken: Token);
        Assert.Equal(0, await sks.KeyCountAsync(Token));

        var fingerprint = await gpg.GenerateKeyAsync("Restart <restart@example.org>", Token);
        (await gpg.SendKeysAsync(sks.KeyserverUri, [fingerprint], Token)).EnsureSuccess();
        Assert.Equal(1, await sks.KeyCountAsync(Token));
        var digest = await sks.DigestOfAsync(fingerprint, Token);
        await sks.StopAsync(Token);
        await sks.StartDbAsync(Token);

        Assert.NotNull(digest);
        Assert.Equal(digest, await sks.DigestOfAsync(fingerprint, Token));
        await sks.DropAsync(digest, Token);
        Assert.Equal(0, await sks.KeyCountAsync(Token));
    }

    [Fact]
    public async Task Two_servers_reconcile()
    {
        var addressA = IPAddress.Parse("127.0.0.2");
        var addressB = IPAddress.Parse("127.0.0.3");
        string[] both = [DebianKeyrings.Roles.Require()];
        await using var a = await SksPeer.ServeAsync(
            [.. both, DebianKeyrings.NonUploaders.Require()],
            new SksPeerOptions { Address = addressA, Settings = new Dictionary<string, string?> { ["dontgossip"] = "" } },
            Token);
        await using var b = await SksPeer.ServeAsync(
            both,
            new SksPeerOptions { Address = addressB, Membership = [a.ReconEndPoint], GossipInterval = TimeSpan.FromSeconds(1) },
            Token);
        a.WriteMembership([b.ReconEndPoint]);
        Assert.Equal(6, await b.KeyCountAsync(Token));

        await a.StartReconAsync(Token);
        await b.StartReconAsync(Token);

        await Eventually.IsTrueAsync(async token => await b.KeyCountAsync(token) == 42, "B has A's keys", cancellationToken: Token);
        Assert.Contains("36 hashes recovered", b.ReadLog("recon"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_afterwards()
    {
        var sks = await SksPeer.ServeAsync([], cancellationToken: Token);
        var folder = sks.Folder;
        var port = sks.HkpEndPoint;
        await sks.StartReconAsync(Token);

        await sks.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => RawHttp.ConnectAsync(port, null, Token));
    }
}
