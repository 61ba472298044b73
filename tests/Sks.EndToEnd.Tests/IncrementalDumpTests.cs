using System.Globalization;
using System.Text.Json;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary><c>sksd dump --since</c>.</summary>
public sealed class IncrementalDumpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    private string Dump => _folder.Combine("dump");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_dump_and_what_changed_behind_its_cursor_make_the_whole_set()
    {
        await using (RunningNode node = await RunningNode.StartAsync(Data))
        {
            (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
            ProcessResult full = (await Sksd.RunAsync("dump", "--data", Data, "--json", Dump)).EnsureSuccess();
            string cursor = JsonDocument.Parse(full.Output).RootElement.GetProperty("cursor").GetString()!;
            (await Sksd.RunAsync("import", "--data", Data, TestData.SksDump)).EnsureSuccess();

            ProcessResult changed = await Sksd.RunAsync("dump", "--data", Data, "--since", cursor, Dump);

            Assert.Equal("dumped: 8 certificates in 1 files", changed.EnsureSuccess().OutputLines[^1]);
            Assert.True(File.Exists(Path.Combine(Dump, "incdump-0000.pgp")));
            Assert.True(File.Exists(Path.Combine(Dump, "metadata-incdump.txt")));
        }

        ProcessResult import = await Sksd.RunAsync("import", "--data", _folder.Combine("copy"), Dump);
        Assert.Equal("imported: 14 added, 0 updated, 0 unchanged, 0 rejected", import.EnsureSuccess().OutputLines[^1]);
    }

    [Fact]
    public async Task A_time_selects_by_when_it_was_stored_in_the_forms_that_people_and_SKS_use()
    {
        long before = DateTimeOffset.UnixEpoch.AddSeconds(1).ToUnixTimeSeconds();
        await using RunningNode node = await RunningNode.StartAsync(Data);
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();

        Assert.Equal(6, await CountAsync("a", before.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(6, await CountAsync("b", "2020-01-01T00:00Z"));
        Assert.Equal(0, await CountAsync("c", "2999-01-01"));
    }

    [Fact]
    public async Task A_log_that_does_not_go_back_so_far_is_told_and_nothing_written()
    {
        // An import without a running node writes no log.
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();

        foreach (string since in (string[])["2020-01-01", "0123456789abcdef:1"])
        {
            ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, "--since", since, Dump);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("read everything anew", result.SingleError(), StringComparison.Ordinal);
            Assert.False(Directory.Exists(Dump) && Directory.EnumerateFiles(Dump).Any());
        }

        ProcessResult wrong = await Sksd.RunAsync("dump", "--data", Data, "--since", "yesterday", Dump);
        Assert.Equal(2, wrong.ExitCode);
    }

    private async Task<int> CountAsync(string name, string since)
    {
        ProcessResult result = await Sksd.RunAsync("dump", "--data", Data, "--since", since, _folder.Combine(name));
        return int.Parse(result.EnsureSuccess().OutputLines[^1].Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
