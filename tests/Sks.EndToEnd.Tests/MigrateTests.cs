using Sks.Server.Configuration;
using Sks.Server.Configuration.Sksconf;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary><c>sksd migrate</c>, and the web folder of an SKS.</summary>
public sealed class MigrateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Sks => _folder.Combine("etc", "sks");

    private string Output => _folder.Combine("sksd.json");

    public MigrateTests()
    {
        Directory.CreateDirectory(Sks);
        Directory.CreateDirectory(_folder.Combine("var", "lib", "sks", "www"));
        File.WriteAllText(
            Path.Combine(Sks, "sksconf"), "hostname: keys \"one\".example.org\nrecon_address: 127.0.0.1\nhkp_address: 127.0.0.1\nmax_matches: 77\ndontgossip:\nptree_cache: 5\npagesize: 16\n");
        File.WriteAllText(Path.Combine(Sks, "membership"), "peer.example.org 11370 # someone\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_file_says_what_the_folder_said_and_comments_on_the_rest(bool fromRoot)
    {
        string source = fromRoot ? _folder.Path : Sks;

        ProcessResult result = (await Sksd.RunAsync("migrate", source, "--output", Output)).EnsureSuccess();

        Assert.StartsWith("written: ", result.OutputLines[^1], StringComparison.Ordinal);
        string text = await File.ReadAllTextAsync(Output, TestContext.Current.CancellationToken);
        Assert.Contains("sksconf:6: ptree_cache: ", text, StringComparison.Ordinal);
        Assert.Contains("sksconf:7: pagesize: ", text, StringComparison.Ordinal);
        Assert.Contains("\"MaxMatches\": 77", text, StringComparison.Ordinal);
        ServerSettings migrated = SettingsLoader.Load([ConfigurationLayer.FromFile(Output)]);
        ServerSettings direct = SettingsLoader.Load([SksConfiguration.ReadFolder(source)]);
        Assert.Equal(SettingsLoader.Describe(direct), SettingsLoader.Describe(migrated));
        Assert.Equal("keys \"one\".example.org", migrated.Hkp.Hostname);
        Assert.False(migrated.Recon.Gossip);
        Assert.Equal(_folder.Combine("var", "lib", "sks", "www"), migrated.Hkp.WebDirectory);
    }

    [Fact]
    public async Task Without_output_it_is_printed_and_a_file_that_exists_is_left_alone()
    {
        ProcessResult printed = (await Sksd.RunAsync("migrate", Sks)).EnsureSuccess();
        Assert.Equal("{", printed.OutputLines[0]);

        await File.WriteAllTextAsync(Output, "mine", TestContext.Current.CancellationToken);
        ProcessResult refused = await Sksd.RunAsync("migrate", Sks, "--output", Output);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("mine", await File.ReadAllTextAsync(Output, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wrong_setting_is_named()
    {
        await File.AppendAllTextAsync(Path.Combine(Sks, "sksconf"), "max_matches: many\n", TestContext.Current.CancellationToken);

        ProcessResult result = await Sksd.RunAsync("migrate", Sks);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("sksconf:8: max_matches", result.SingleError(), StringComparison.Ordinal);
    }
}
