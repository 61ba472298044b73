using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary><c>sksd backup</c>, and nodes that run on what it makes.</summary>
public sealed class BackupTests : IDisposable
{
    private const string Fingerprint = "57731224A9762EA155AB2A530CA8D15BB24D96F2";

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    private string Backup => _folder.Combine("backup");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backup_is_another_node_with_the_same_certificates_and_restrictions(bool whileRunning)
    {
        await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring);
        await Sksd.RunAsync("block", "--data", Data, "--reason", "test", Fingerprint);
        string[] original = await StatsAsync(Data);
        RunningNode? running = whileRunning ? await RunningNode.StartAsync(Data) : null;

        ProcessResult backup = await Sksd.RunAsync("backup", "--data", Data, Backup);
        if (running is not null)
            await running.DisposeAsync();

        Assert.Equal(0, backup.ExitCode);
        Assert.StartsWith("backed up: ", backup.OutputLines[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Backup, "*.pem"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Backup));
        await using (RunningNode restored = await RunningNode.StartAsync(Backup))
        {
            using var http = new HttpClient { BaseAddress = restored.Hkp };
            using HttpResponseMessage blocked = await http.GetAsync(
                new Uri($"/pks/lookup?op=get&search=0x{Fingerprint}", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.False(blocked.IsSuccessStatusCode);
        }

        string[] copy = await StatsAsync(Backup);
        Assert.Equal(original[2], copy[2]);
        Assert.NotEqual(original[0], copy[0]);
        Assert.NotEqual(original[3][..32], copy[3][..32]);
    }

    [Fact]
    public async Task With_identity_it_is_the_same_node_with_another_change_log()
    {
        await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring);
        string[] original = await StatsAsync(Data);

        ProcessResult backup = await Sksd.RunAsync("backup", "--data", Data, "--with-identity", Backup);

        Assert.Equal(0, backup.ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Backup, "node-key.pem")));
        string[] copy = await StatsAsync(Backup);
        Assert.Equal(original[..3], copy[..3]);
        Assert.NotEqual(original[3], copy[3]);
        Assert.Equal(copy[3], (await StatsAsync(Backup))[3]);
    }

    [Fact]
    public async Task Folder_with_a_store_or_a_key_is_refused()
    {
        await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring);
        await Sksd.RunAsync("backup", "--data", Data, Backup);

        ProcessResult again = await Sksd.RunAsync("backup", "--data", Data, Backup);

        Assert.Equal(1, again.ExitCode);
        Assert.Contains("There is a store in", again.SingleError(), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.Combine("key"));
        await File.WriteAllTextAsync(_folder.Combine("key", "node-key.pem"), "of another node", TestContext.Current.CancellationToken);
        foreach (string[] with in new string[][] { [], ["--with-identity"] })
        {
            ProcessResult other = await Sksd.RunAsync(["backup", "--data", Data, _folder.Combine("key"), .. with]);
            Assert.Equal(1, other.ExitCode);
            Assert.Contains("key", other.SingleError(), StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder.Combine("key", "db")));
        }
    }

    // Node, peers, certificates, newest change.
    private static async Task<string[]> StatsAsync(string data) => [.. (await Sksd.RunAsync("stats", "--data", data)).OutputLines.Take(4)];
}
