using System.Formats.Tar;
using System.IO.Compression;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Stores of earlier releases are taken over.</summary>
public sealed class UpgradeTests : IDisposable
{
    private const int Certificates = 17;

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_of_format_1_gets_its_clean_views_while_it_serves()
    {
        await ExtractAsync();
        OpenPgp.Certificate debian = TestData.Read(TestData.DebianKeyring).ElementAt(14);
        OpenPgp.Certificate unproven = TestData.Read(TestData.OldKeyring).First();
        await using (RunningNode node = await RunningNode.StartAsync(Data))
        {
            await node.WaitForLineAsync($"Making clean views of {Certificates} certificates");
            await node.WaitForLineAsync("Clean views of policy 1 are complete");

            ProcessResult served = await Sksd.RunAsync("lookup", "--server", node.Grpc.ToString(), "--binary", debian.PrimaryKey.Fingerprint.ToString());
            Assert.Equal(TestData.CleanView(debian).ToArray(), served.EnsureSuccess().OutputBytes);
            Assert.Equal(1, (await Sksd.RunAsync("lookup", "--server", node.Grpc.ToString(), unproven.PrimaryKey.Fingerprint.ToString())).ExitCode);
            IReadOnlyList<string> stats = (await Sksd.RunAsync("stats", "--data", Data)).EnsureSuccess().OutputLines;
            Assert.Contains("clean view: policy 1", stats);
            Assert.Contains($"new clean views: {Certificates} of {Certificates} certificates", stats);
            Assert.Equal(0, await node.StopAsync());
        }

        await using RunningNode again = await RunningNode.StartAsync(Data);
        Assert.DoesNotContain(again.Output, line => line.Contains("clean views", StringComparison.OrdinalIgnoreCase));
        Assert.Equal($"check: ok, {Certificates} certificates", (await Sksd.RunAsync("check", "--data", Data)).EnsureSuccess().OutputLines[^1]);
    }

    [Fact]
    public async Task A_store_of_format_1_keeps_every_full_view()
    {
        await ExtractAsync();

        ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, _folder.Combine("dump"));

        Assert.Equal($"dumped: {Certificates} certificates in 1 files", result.EnsureSuccess().OutputLines[^1]);
        IReadOnlyList<string> digests = TestData.Digests(_folder.Combine("dump", "sks-dump-0000.pgp"));
        IEnumerable<string> submitted = TestData.Digests(Path.Combine(TestData.SksDump, "sks-dump-0001.pgp"));
        IEnumerable<string> imported = TestData.Digests(TestData.OldKeyring);
        Assert.Subset(digests.ToHashSet(), submitted.Concat(imported).ToHashSet());
    }

    private async Task ExtractAsync()
    {
        Directory.CreateDirectory(Data);
        await using FileStream file = File.OpenRead(TestData.StoreOfFormat1);
        await using var archive = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(archive, Data, overwriteFiles: false, TestContext.Current.CancellationToken);
    }
}
