using System.Text.Json;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_keyring_gets_the_digests_that_SKS_gives_it()
    {
        ProcessResult result = await ImportAsync(TestData.DebianKeyring, TestData.OldKeyring);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("imported: 266 added, 0 updated, 0 unchanged, 0 rejected", result.OutputLines[^1]);
        Assert.Equal(DigestsBySks(), await DumpDigestsAsync(Data));
    }

    [Fact]
    public async Task Through_a_running_node_an_import_gives_what_it_gives_without_one()
    {
        await ImportAsync(TestData.DebianKeyring, TestData.SksDump);
        await using RunningNode node = await RunningNode.StartAsync(_folder.Combine("running"));

        ProcessResult result = await Sksd.RunAsync("import", "--data", _folder.Combine("running"), TestData.DebianKeyring, TestData.SksDump);

        Assert.Equal("imported: 268 added, 0 updated, 0 unchanged, 0 rejected", result.OutputLines[^1]);
        Assert.Equal(await DumpDigestsAsync(Data), await DumpDigestsAsync(_folder.Combine("running")));
    }

    [Fact]
    public async Task What_is_there_already_is_unchanged()
    {
        await ImportAsync(TestData.OldKeyring);

        ProcessResult again = await ImportAsync(TestData.OldKeyring, TestData.SksDump);

        Assert.Equal("imported: 8 added, 0 updated, 6 unchanged, 0 rejected", again.OutputLines[^1]);
    }

    [Fact]
    public async Task A_folder_is_searched_for_keyrings_binary_and_armored()
    {
        Directory.CreateDirectory(_folder.Combine("rings", "below"));
        List<ReadOnlyMemory<byte>> certificates = [.. TestData.Split(TestData.OldKeyring)];
        foreach ((string name, byte[] bytes) in new (string, byte[])[]
        {
            ("a.pgp", certificates[0].ToArray()),
            ("b.asc", TestData.Armor(certificates[1].Span)),
            ("below/c.GPG", certificates[2].ToArray()),
            ("below/d.key", TestData.Armor(certificates[3].Span)),
            ("e.txt", certificates[4].ToArray()),
            (".hidden.pgp", certificates[5].ToArray()),
        })
        {
            await File.WriteAllBytesAsync(_folder.Combine("rings", name), bytes, TestContext.Current.CancellationToken);
        }

        ProcessResult result = await ImportAsync(_folder.Combine("rings"));

        Assert.Equal("imported: 4 added, 0 updated, 0 unchanged, 0 rejected", result.OutputLines[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Standard_input_is_read(bool throughNode)
    {
        await using RunningNode? node = throughNode ? await RunningNode.StartAsync(Data) : null;

        ProcessResult result = await Sksd.RunAsync(
            Sksd.Command("import", "--data", Data, "-") with { Input = TestData.Armor(await File.ReadAllBytesAsync(TestData.OldKeyring, TestContext.Current.CancellationToken)) });

        Assert.Equal("imported: 6 added, 0 updated, 0 unchanged, 0 rejected", result.OutputLines[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_that_cannot_be_read_is_named_and_the_others_go_on(bool throughNode)
    {
        await using RunningNode? node = throughNode ? await RunningNode.StartAsync(Data) : null;

        ProcessResult result = await ImportAsync(_folder.Combine("missing.pgp"), TestData.OldKeyring);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("missing.pgp", result.SingleError(), StringComparison.Ordinal);
        Assert.Equal("imported: 6 added, 0 updated, 0 unchanged, 0 rejected", result.OutputLines[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rejected_certificates_are_listed_by_reason_and_the_others_stored(bool throughNode)
    {
        List<ReadOnlyMemory<byte>> certificates = [.. TestData.Split(TestData.DebianKeyring).Take(3)];
        byte[] withTrustPacket = [.. certificates[1].Span, 0xCC, 2, 0, 0];
        await File.WriteAllBytesAsync(
            _folder.Combine("mixed.pgp"), [.. certificates[0].Span, .. withTrustPacket, .. certificates[2].Span], TestContext.Current.CancellationToken);
        await using RunningNode? node = throughNode ? await RunningNode.StartAsync(Data) : null;

        ProcessResult result = await ImportAsync(_folder.Combine("mixed.pgp"));

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("imported: 2 added, 0 updated, 0 unchanged, 1 rejected", result.OutputLines[^1]);
        Assert.Contains("rejected, MalformedCertificate: 1", result.OutputLines);
        Assert.Contains(result.OutputLines, line => line.Contains("mixed.pgp", StringComparison.Ordinal));
        Assert.DoesNotContain("@", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_nothing_is_accepted_the_answer_is_no()
    {
        await File.WriteAllTextAsync(_folder.Combine("letter.asc"), "no keys in here\n", TestContext.Current.CancellationToken);

        ProcessResult result = await ImportAsync(_folder.Combine("letter.asc"));

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("imported: 0 added, 0 updated, 0 unchanged, ", result.OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_object_and_nothing_else()
    {
        ProcessResult result = await Sksd.RunAsync("import", "--data", Data, "--json", TestData.OldKeyring);

        JsonElement json = JsonDocument.Parse(Assert.Single(result.OutputLines)).RootElement;
        Assert.Equal(6, json.GetProperty("added").GetInt64());
        Assert.Equal(0, json.GetProperty("rejected").GetInt64());
        Assert.Equal(new FileInfo(TestData.OldKeyring).Length, json.GetProperty("bytes").GetInt64());
    }

    private static List<string> DigestsBySks()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Checkout.Combine("tests", "testdata", "keyhash", "keyhash.json")));
        return [.. json.RootElement.EnumerateArray().Select(entry => entry.GetProperty("sks_hash").GetString()!).Order(StringComparer.Ordinal)];
    }

    private Task<ProcessResult> ImportAsync(params string[] paths) => Sksd.RunAsync(["import", "--data", Data, .. paths]);

    private async Task<IReadOnlyList<string>> DumpDigestsAsync(string data)
    {
        string dump = _folder.Combine("dump-of-" + Path.GetFileName(data));
        (await Sksd.RunAsync("dump", "--data", data, dump)).EnsureSuccess();
        return TestData.Digests(Directory.GetFiles(dump, "*.pgp"));
    }
}
