using System.Globalization;
using System.Net;
using System.Text.Json;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>An SKS with peers is replaced by sksd as <c>docs/moving.md</c> says, and its peers find nothing that differs.</summary>
public sealed class MovingTests : IDisposable
{
    private const int Count = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Peers_of_an_SKS_that_was_moved_reconcile_with_no_difference_in_the_first_round()
    {
        string keyring = SyntheticKeyring.Write(_folder.Combine("keys.pgp"), 1, Count);
        await using SksPeer moved = await SksPeer.ServeAsync([keyring], At("127.0.0.61"), Token);
        await using SksPeer first = await SksPeer.ServeAsync([keyring], At("127.0.0.62") with { Membership = [moved.ReconEndPoint] }, Token);
        await using SksPeer second = await SksPeer.ServeAsync([keyring], At("127.0.0.63") with { Membership = [moved.ReconEndPoint] }, Token);
        moved.WriteMembership([first.ReconEndPoint, second.ReconEndPoint]);
        await moved.StopAsync(Token);
        await moved.DumpAsync(_folder.Combine("dump"), 100, Token);

        ProcessResult import = (await Sksd.RunAsync("import", "--data", Data, _folder.Combine("dump"))).EnsureSuccess();
        Assert.Equal($"imported: {Count} added, 0 updated, 0 unchanged, 0 rejected", import.OutputLines[^1]);
        await first.StartReconAsync(Token);
        await second.StartReconAsync(Token);
        await using RunningNode node = await RunningNode.StartAsync(["--data", Data, "--grpc", "127.0.0.1:0", "--sks-config", moved.Folder]);

        Assert.Equal(moved.HkpEndPoint.Port, node.Hkp.Port);
        await Eventually.IsTrueAsync(async _ => (await PeersAsync()).Count(static peer => Number(peer, "sessionCount") > 0) == 2, "a round with each peer", Patience, Token);
        foreach (JsonElement peer in await PeersAsync())
        {
            Assert.Equal(0, Number(peer, "differenceCount"));
            Assert.Equal(0, Number(peer, "recoveredCount"));
        }

        Assert.Equal(Count, await first.KeyCountAsync(Token));
        Assert.Equal(Count, await second.KeyCountAsync(Token));
    }

    [Fact]
    public async Task An_import_that_was_killed_goes_on_behind_the_files_that_are_done()
    {
        // Enough for the first file to be kept by itself; then the second has nothing to read until somebody writes.
        string first = SyntheticKeyring.Write(
            _folder.Combine("1.pgp"), Enumerable.Range(1, 80).Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Attribute(500_000).Build()));
        string second = _folder.Combine("2.pgp");
        (await ProcessRunner.RunAsync(new ProcessCommand("mkfifo", second), null, Token)).EnsureSuccess();
        await using (RunningProcess import = RunningProcess.Start(Sksd.Command("import", "--data", Data, first, second)))
        {
            await using FileStream reading = await Task.Run(() => new FileStream(second, FileMode.Open, FileAccess.Write), Token).WaitAsync(Patience, Token);
            await import.KillAsync(Token);
        }

        File.Delete(second);
        SyntheticKeyring.Write(second, 81, 20);
        ProcessResult rest = (await Sksd.RunAsync("import", "--data", Data, first, second)).EnsureSuccess();

        Assert.Contains("resumed: 1 files had been read before an interruption, and were not read again", rest.OutputLines);
        await using RunningNode node = await RunningNode.StartAsync(Data);
        Assert.Contains("certificates: 100\n", (await Sksd.RunAsync("stats", "--data", Data)).Output, StringComparison.Ordinal);
        Assert.StartsWith("check: ok, ", (await Sksd.RunAsync("check", "--data", Data)).EnsureSuccess().OutputLines[^1], StringComparison.Ordinal);
    }

    private static SksPeerOptions At(string address) => new() { Address = IPAddress.Parse(address), GossipInterval = TimeSpan.FromSeconds(2) };

    private static long Number(JsonElement peer, string name) =>
        long.Parse(peer.GetProperty(name).ToString(), CultureInfo.InvariantCulture);

    private async Task<List<JsonElement>> PeersAsync() =>
        [.. (await Sksd.RunAsync("peers", "--data", Data, "--json")).EnsureSuccess().OutputLines
            .Where(static line => line.StartsWith('{'))
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(static line => line.TryGetProperty("sessionCount", out _))];
}
