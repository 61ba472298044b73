using Sks.Node;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Moving all of Debian's certificates between a real SKS and sksd, by dumps, in both directions.</summary>
public sealed class SksExchangeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Debians_keyrings_have_the_counts_and_digests_that_SKS_gives_them()
    {
        string[] keyrings = [.. DebianKeyrings.Debian.Select(static keyring => keyring.Require())];
        await using SksPeer sks = await SksPeer.ServeAsync(keyrings, cancellationToken: Token);

        ProcessResult import = await Sksd.RunAsync(["import", "--data", Data, .. keyrings]);

        int count = DebianKeyrings.Debian.Sum(static keyring => keyring.Count);
        Assert.Equal($"imported: {count} added, 0 updated, 0 unchanged, 0 rejected", import.EnsureSuccess().OutputLines[^1]);
        Assert.Equal(count, await sks.KeyCountAsync(Token));
        Dictionary<string, string> ours = await ReadDigestsAsync(Data);
        Assert.Equal(await sks.DigestsAsync([.. ours.Keys], Token), ours);
    }

    [Fact]
    public async Task A_dump_of_sksd_builds_an_SKS_with_the_same_digests()
    {
        string[] keyrings = [.. DebianKeyrings.Debian.Select(static keyring => keyring.Require())];
        (await Sksd.RunAsync(["import", "--data", Data, .. keyrings])).EnsureSuccess();

        (await Sksd.RunAsync("dump", "--data", Data, "--keys-per-file", "500", _folder.Combine("dump"))).EnsureSuccess();

        string[] files = Directory.GetFiles(_folder.Combine("dump"), "*.pgp");
        Assert.Equal(3, files.Length);
        await using SksPeer sks = await SksPeer.ServeAsync(files, cancellationToken: Token);
        Dictionary<string, string> ours = await ReadDigestsAsync(Data);
        Assert.Equal(ours.Count, await sks.KeyCountAsync(Token));
        Assert.Equal(await sks.DigestsAsync([.. ours.Keys], Token), ours);
    }

    [Fact]
    public async Task A_dump_of_SKS_is_imported_with_its_digests()
    {
        string[] keyrings = [.. DebianKeyrings.Debian.Select(static keyring => keyring.Require())];
        await using SksPeer sks = await SksPeer.ServeAsync(keyrings, cancellationToken: Token);
        await using GpgHome gpg = GpgHome.Create();
        List<string> fingerprints = [];
        foreach (string keyring in keyrings)
            fingerprints.AddRange(await gpg.ReadFingerprintsAsync(keyring, Token));
        IReadOnlyDictionary<string, string> digests = await sks.DigestsAsync(fingerprints, Token);
        await sks.StopAsync(Token);
        await sks.DumpAsync(_folder.Combine("dump"), 500, Token);

        (await Sksd.RunAsync("import", "--data", Data, _folder.Combine("dump"))).EnsureSuccess();

        Assert.Equal(digests, await ReadDigestsAsync(Data));
    }

    private static async Task<Dictionary<string, string>> ReadDigestsAsync(string data)
    {
        await using KeyserverNode node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = data }, TimeProvider.System);
        return node.ReadAll(ServedView.Full).ToDictionary(
            static certificate => certificate.Stored.Identity.Fingerprint.ToString(),
            static certificate => certificate.Stored.SksDigest.ToString()!);
    }
}
