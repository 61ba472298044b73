using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("--frobnicate", "--frobnicate")]
    [InlineData("run --hkp 127.0.0.1", "--hkp")]
    [InlineData("run --hkp ::1:11371", "--hkp")]
    [InlineData("run --hkp 127.0.0.1:65536", "--hkp")]
    [InlineData("run --grpc 0.0.0.0:0 --hkp off", "0.0.0.0:0")]
    [InlineData("run --hkps 127.0.0.1:0 --hkp off --grpc off", "certificate")]
    [InlineData("run --recon 127.0.0.1", "--recon")]
    [InlineData("run --recon localhost:11370", "--recon")]
    [InlineData("run --sks-config nowhere", "nowhere")]
    [InlineData("import", "PATH")]
    [InlineData("dump", "DIR")]
    [InlineData("dump there --keys-per-file 0", "--keys-per-file")]
    [InlineData("dump there --prefix ../there", "--prefix")]
    [InlineData("dump there --view dirty", "dirty")]
    [InlineData("dump there --prefix sks-dump-v6", "sks-dump-v6")]
    [InlineData("explain", "FINGERPRINT")]
    [InlineData("explain 0123456789ABCDEF", "0123456789ABCDEF")]
    [InlineData("lookup 0x12345678", "0x12345678")]
    [InlineData("lookup --server nowhere alice", "--server")]
    [InlineData("lookup --server http://127.0.0.1:1 --data here alice", "--server")]
    [InlineData("lookup --binary --json alice", "--binary")]
    [InlineData("watch --from 12", "--from")]
    public async Task A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string named)
    {
        ProcessResult result = await Sksd.RunAsync(Sksd.Command(arguments.Split(' ')) with { WorkingDirectory = _folder.Path });

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, result.SingleError(), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.False(Directory.Exists(_folder.Combine("sks-data", "db")), "a store was made");
    }

    [Theory]
    [InlineData("""{ "Hkp": { "Lissten": ["off"] } }""", "Hkp:Lissten")]
    [InlineData("""{ "Hpk": { "Listen": ["off"] } }""", "Hpk:Listen")]
    [InlineData("""{ "Hkp": { "Listen": { "Address": "off" } } }""", "Hkp:Listen:Address")]
    [InlineData("""{ "Hkp": "off" }""", "Hkp")]
    [InlineData("""{ "Hkp": { "Listen": ["here"] } }""", "'here'")]
    [InlineData("""{ "Node": { "MaxMatches": "many" } }""", "'many'")]
    [InlineData("""{ "Node": { "MaxMatches": 1 } }""", "MaxMatches")]
    [InlineData("""{ "Log": { "Level": "Loud" } }""", "'Loud'")]
    [InlineData("""{ "Recon": { "Listen": ["here"] } }""", "'here'")]
    [InlineData("""{ "Recon": { "Peers": ["keys.example.org"] } }""", "'keys.example.org'")]
    [InlineData("""{ "Recon": { "Mbar": 0 } }""", "Mbar")]
    [InlineData("""{ "Grpc": { "AdminSocketPath": "/tmp/x" } }""", "Grpc:AdminSocketPath")]
    [InlineData("{ \"Hkp\": ", "sksd.json")]
    public async Task A_wrong_configuration_file_is_one_line_and_exit_code_2(string json, string named)
    {
        await File.WriteAllTextAsync(_folder.Combine("sksd.json"), json, TestContext.Current.CancellationToken);

        ProcessResult result = await Sksd.RunAsync("run", "--data", _folder.Combine("data"), "--config", _folder.Combine("sksd.json"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, result.SingleError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("data")), "a folder was made");
    }

    [Fact]
    public async Task A_missing_configuration_file_is_named()
    {
        ProcessResult result = await Sksd.RunAsync("run", "--config", _folder.Combine("nothing.json"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("nothing.json", result.SingleError(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_goes_over_the_file_and_the_command_line_over_both()
    {
        await File.WriteAllTextAsync(
            _folder.Combine("sksd.json"),
            $$"""{ "Node": { "DataDirectory": "{{_folder.Combine("file")}}" }, "Hkp": { "Listen": ["127.0.0.1:0", "[::1]:0"] }, "Log": { "Level": "Debug" } }""",
            TestContext.Current.CancellationToken);
        await using RunningProcess node = RunningProcess.Start(
            Sksd.Command("--config", _folder.Combine("sksd.json"), "--data", _folder.Combine("line"), "--recon", "off", "--grpc", "off") with
            {
                Environment = new Dictionary<string, string?>
                {
                    ["SKS__Node__DataDirectory"] = _folder.Combine("environment"),
                    ["SKS__Hkp__Listen"] = "off",
                },
            });

        await node.WaitForLineAsync("Stop with Ctrl-C.", null, TestContext.Current.CancellationToken);

        Assert.True(Directory.Exists(_folder.Combine("line")));
        Assert.False(Directory.Exists(_folder.Combine("environment")));
        Assert.False(Directory.Exists(_folder.Combine("file")));
        Assert.Contains("  hkp      off", node.Output);
        await node.WaitForLineAsync("Setting Hkp:Listen = off", null, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("peers")]
    [InlineData("stats")]
    [InlineData("dump there")]
    [InlineData("lookup --data ./sks-data alice")]
    [InlineData("submit --data ./sks-data -")]
    [InlineData("watch --data ./sks-data")]
    public async Task Without_a_store_or_a_node_a_verb_says_so_and_makes_none(string arguments)
    {
        ProcessResult result = await Sksd.RunAsync(Sksd.Command(arguments.Split(' ')) with { WorkingDirectory = _folder.Path });

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("./sks-data", result.SingleError(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_named()
    {
        using var port = FreePort.Reserve();

        ProcessResult result = await Sksd.RunAsync("lookup", "--server", $"http://{port.EndPoint}", "alice");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(port.EndPoint.ToString(), result.SingleError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run ")]
    [InlineData("import ")]
    [InlineData("dump ")]
    [InlineData("check ")]
    [InlineData("lookup ")]
    [InlineData("submit ")]
    [InlineData("stats ")]
    [InlineData("peers ")]
    [InlineData("watch ")]
    public async Task Help_explains_every_verb(string verb)
    {
        ProcessResult result = await Sksd.RunAsync((verb + "--help").Split(' '));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
        Assert.Contains("Options:", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }
}
