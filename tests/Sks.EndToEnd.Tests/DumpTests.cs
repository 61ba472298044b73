using System.Security.Cryptography;
using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

public sealed class DumpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    private string Dump => _folder.Combine("dump");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dump_by_SKS_comes_out_with_the_same_certificates()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.SksDump)).EnsureSuccess();

        (await Sksd.RunAsync("dump", "--data", Data, Dump)).EnsureSuccess();

        Assert.Equal(TestData.Digests(Directory.GetFiles(TestData.SksDump, "*.pgp")), TestData.Digests(Directory.GetFiles(Dump, "*.pgp")));
    }

    [Fact]
    public async Task A_dump_that_is_imported_and_dumped_again_is_the_same()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring, TestData.OldKeyring)).EnsureSuccess();
        (await Sksd.RunAsync("dump", "--data", Data, Dump)).EnsureSuccess();
        (await Sksd.RunAsync("import", "--data", _folder.Combine("second"), Dump)).EnsureSuccess();

        (await Sksd.RunAsync("dump", "--data", _folder.Combine("second"), _folder.Combine("again"))).EnsureSuccess();

        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(Dump, "sks-dump-0000.pgp"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(_folder.Combine("again", "sks-dump-0000.pgp"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Files_are_cut_by_count_and_the_metadata_describes_them()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();

        ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, "--keys-per-file", "100", "--prefix", "nightly", Dump);

        Assert.Equal("dumped: 260 certificates in 3 files", result.EnsureSuccess().OutputLines[^1]);
        string[] names = ["metadata-nightly.txt", "nightly-0000.pgp", "nightly-0001.pgp", "nightly-0002.pgp"];
        Assert.Equal(names, Directory.EnumerateFileSystemEntries(Dump).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([100, 100, 60], names.Skip(1).Select(name => TestData.Read(Path.Combine(Dump, name)).Count()));
        string[] metadata = await File.ReadAllLinesAsync(Path.Combine(Dump, names[0]), TestContext.Current.CancellationToken);
        Assert.Contains("#Files-Count: 3", metadata);
        Assert.Contains("#Key-Count: 260", metadata);
        Assert.Equal(names.Skip(1).Select(name => $"{Md5(Path.Combine(Dump, name))}  {name}"), metadata.Where(line => line[0] != '#'));
        string[] keys = [.. metadata.Where(line => line[0] == '#').Select(line => line.Split(':')[0])];
        Assert.Equal(["#Metadata-for", "#Dump-started", "#Files-Count", "#Key-Count", "#Digest-algo", "#Dump-ended"], keys);
    }

    [Fact]
    public async Task A_dump_that_is_there_is_replaced_only_by_force()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
        (await Sksd.RunAsync("dump", "--data", Data, "--keys-per-file", "1", Dump)).EnsureSuccess();
        string metadata = await File.ReadAllTextAsync(Path.Combine(Dump, "metadata-sks-dump.txt"), TestContext.Current.CancellationToken);

        ProcessResult refused = await Sksd.RunAsync("dump", "--data", Data, Dump);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("sks-dump-0000.pgp", refused.SingleError(), StringComparison.Ordinal);
        Assert.Equal(metadata, await File.ReadAllTextAsync(Path.Combine(Dump, "metadata-sks-dump.txt"), TestContext.Current.CancellationToken));

        (await Sksd.RunAsync("dump", "--data", Data, "--force", Dump)).EnsureSuccess();
        Assert.Equal(["metadata-sks-dump.txt", "sks-dump-0000.pgp"], Directory.EnumerateFileSystemEntries(Dump).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(6, TestData.Read(Path.Combine(Dump, "sks-dump-0000.pgp")).Count());
    }

    [Fact]
    public async Task A_running_node_can_be_dumped()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();

        (await Sksd.RunAsync("dump", "--data", Data, Dump)).EnsureSuccess();

        Assert.Equal(TestData.Digests(TestData.OldKeyring), TestData.Digests(Directory.GetFiles(Dump, "*.pgp")));
    }

    [Fact]
    public async Task An_empty_store_has_an_empty_dump()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);

        ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, Dump);

        Assert.Equal("dumped: 0 certificates in 0 files", result.EnsureSuccess().OutputLines[^1]);
        Assert.Equal("metadata-sks-dump.txt", Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(Dump))));
    }

    [Fact]
    public async Task A_dump_that_is_imported_brings_every_certificate_back_with_both_digests()
    {
        SigningKey owner = new(1);
        byte[] dirty = new SignedCertificate(owner).UserId("proven").Certify().ThirdParty(new SigningKey(2)).UserId("unproven").Build();
        byte[] modern = [.. SignedCertificate.Ordinary(3, version: 6).Build(), .. SignedCertificate.Ordinary(4, version: 6).Build()];
        await File.WriteAllBytesAsync(_folder.Combine("made.pgp"), [.. dirty, .. modern], TestContext.Current.CancellationToken);
        (await Sksd.RunAsync("import", "--data", Data, _folder.Combine("made.pgp"), TestData.DebianKeyring, TestData.OldKeyring)).EnsureSuccess();

        ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, Dump);
        (await Sksd.RunAsync("import", "--data", _folder.Combine("second"), Dump)).EnsureSuccess();

        Assert.Equal("dumped: 269 certificates in 2 files", result.EnsureSuccess().OutputLines[^1]);
        Assert.Equal(2, TestData.Split(Path.Combine(Dump, "sks-dump-v6-0000.pgp")).Count());
        Dictionary<string, (string?, string?)> before = await ReadDigestsAsync(Data);
        Assert.Equal(269, before.Count);
        Assert.Equal(2, before.Values.Count(digests => digests.Item1 is null));
        Assert.Equal(6, before.Values.Count(digests => digests.Item2 is null));
        Assert.Equal(before, await ReadDigestsAsync(_folder.Combine("second")));
    }

    [Fact]
    public async Task A_clean_dump_holds_what_is_proven_alone()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring, TestData.OldKeyring)).EnsureSuccess();

        ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, "--view", "clean", Dump);

        Assert.Equal("dumped: 260 certificates in 1 files", result.EnsureSuccess().OutputLines[^1]);
        Assert.Equal(
            TestData.Read(TestData.DebianKeyring).Select(certificate => TestData.CleanView(certificate).Digest.ToString()).Order(StringComparer.Ordinal),
            TestData.Digests(Directory.GetFiles(Dump, "*.pgp")));
    }

    private static async Task<Dictionary<string, (string? Sks, string? Content)>> ReadDigestsAsync(string data)
    {
        await using KeyserverNode node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = data }, TimeProvider.System);
        return node.ReadForDump(ServedView.Full).ToDictionary(
            static certificate => Convert.ToHexString(certificate.Stored.Identity.Span),
            static certificate => (certificate.Stored.SksDigest?.ToString(), certificate.ContentDigest?.ToString()));
    }

    private static string Md5(string file) => Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(file)));
}
