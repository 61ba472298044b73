using System.Text.Json;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class ClientVerbTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningNode _node = null!;

    private string Data => _folder.Combine("data");

    public async ValueTask InitializeAsync() => _node = await RunningNode.StartAsync(Data);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_submitted_certificate_is_found_in_every_way()
    {
        OpenPgp.Certificate certificate = TestData.Read(TestData.DebianKeyring).First();
        byte[] bytes = TestData.Split(TestData.DebianKeyring).First().ToArray();

        ProcessResult submitted = await Sksd.RunAsync(Sksd.Command("submit", "--server", _node.Grpc.ToString(), "-") with { Input = TestData.Armor(bytes) });

        string fingerprint = certificate.PrimaryKey.Fingerprint.ToString();
        OpenPgp.Certificate clean = TestData.CleanView(certificate);
        string content = OpenPgp.ContentDigest.Compute(OpenPgp.CleanViewPolicy.Current.Version, clean).ToString();
        Assert.Equal($"Added: {fingerprint}, digest {clean.Digest}, content {content}", Assert.Single(submitted.EnsureSuccess().OutputLines));
        string[] names = [fingerprint, "0x" + fingerprint, fingerprint[^16..], clean.Digest.ToString(), InGroups(fingerprint)];
        foreach (string name in names)
        {
            ProcessResult found = await Sksd.RunAsync("lookup", "--server", _node.Grpc.ToString(), "--binary", name);
            Assert.Equal(clean.ToArray(), found.EnsureSuccess().OutputBytes);
        }
    }

    [Fact]
    public async Task A_lookup_is_armored_unless_told_otherwise()
    {
        OpenPgp.Certificate certificate = TestData.Read(TestData.DebianKeyring).First();
        byte[] bytes = TestData.CleanView(certificate).ToArray();
        string fingerprint = certificate.PrimaryKey.Fingerprint.ToString();
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();

        ProcessResult armored = await Sksd.RunAsync("lookup", "--data", Data, fingerprint);
        ProcessResult json = await Sksd.RunAsync("lookup", "--data", Data, "--json", fingerprint);

        Assert.Equal(TestData.Armor(bytes), armored.EnsureSuccess().OutputBytes);
        JsonElement value = JsonDocument.Parse(Assert.Single(json.EnsureSuccess().OutputLines)).RootElement;
        Assert.Equal(fingerprint, value.GetProperty("fingerprint").GetString());
        Assert.Equal(bytes, value.GetProperty("data").GetBytesFromBase64());
        Assert.NotEmpty(value.GetProperty("userIds").EnumerateArray());
    }

    [Fact]
    public async Task What_is_not_proven_is_looked_up_by_the_operator_and_by_others_where_allowed()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
        OpenPgp.Certificate unproven = TestData.Read(TestData.OldKeyring).First();
        string digest = unproven.Digest.ToString();

        Assert.Equal(1, (await Sksd.RunAsync("lookup", "--data", Data, "--binary", digest)).ExitCode);
        Assert.Equal(unproven.ToArray(), (await Sksd.RunAsync("lookup", "--data", Data, "--full", "--binary", digest)).EnsureSuccess().OutputBytes);
        ProcessResult refused = await Sksd.RunAsync("lookup", "--server", _node.Grpc.ToString(), "--full", "--binary", digest);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("unfiltered", refused.SingleError(), StringComparison.Ordinal);

        await using RunningNode open = await RunningNode.StartAsync(_folder.Combine("open"), "--allow-full-view");
        (await Sksd.RunAsync("import", "--data", _folder.Combine("open"), TestData.OldKeyring)).EnsureSuccess();
        ProcessResult found = await Sksd.RunAsync("lookup", "--server", open.Grpc.ToString(), "--full", "--binary", digest);
        Assert.Equal(unproven.ToArray(), found.EnsureSuccess().OutputBytes);
    }

    [Fact]
    public async Task Text_finds_words_and_exact_text_a_whole_address()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();
        OpenPgp.Certificate certificate = TestData.Read(TestData.DebianKeyring).First();
        string userId = System.Text.Encoding.UTF8.GetString(certificate.UserIds[0].Packet.Span);
        string address = userId[(userId.IndexOf('<', StringComparison.Ordinal) + 1)..userId.IndexOf('>', StringComparison.Ordinal)];

        Assert.Contains(certificate.PrimaryKey.Fingerprint.ToString(), await FindAsync(address.Split('@', '.')));
        Assert.Equal([certificate.PrimaryKey.Fingerprint.ToString()], await FindAsync("--exact", address));
        Assert.Equal(1, (await Sksd.RunAsync("lookup", "--data", Data, "--exact", address[1..])).ExitCode);
    }

    [Fact]
    public async Task What_is_not_there_is_one_line_and_exit_code_1()
    {
        foreach (string what in new[] { "nobody@example.org", "0x0123456789ABCDEF", new string('A', 40), new string('B', 32) })
        {
            ProcessResult result = await Sksd.RunAsync("lookup", "--server", _node.Grpc.ToString(), what);

            Assert.Equal(1, result.ExitCode);
            Assert.Equal("sksd: nothing found", result.SingleError());
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public async Task A_rejected_submission_says_why_and_is_exit_code_1()
    {
        await File.WriteAllTextAsync(_folder.Combine("letter"), "no key", TestContext.Current.CancellationToken);

        ProcessResult result = await Sksd.RunAsync("submit", "--server", _node.Grpc.ToString(), _folder.Combine("letter"));

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Rejected: (no fingerprint), ", Assert.Single(result.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_shows_each_change_and_goes_on_from_a_cursor()
    {
        string cursor;
        await using (RunningProcess watch = RunningProcess.Start(Sksd.Command("watch", "--server", _node.Grpc.ToString())))
        {
            await watch.WaitForLineAsync("watching from", null, TestContext.Current.CancellationToken);
            (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
            string first = await watch.WaitForLineAsync(" Added ", null, TestContext.Current.CancellationToken);
            cursor = first.Split(' ')[0];
            Assert.EndsWith(" Import -", first, StringComparison.Ordinal);
            Assert.Equal(0, await watch.TerminateAsync(null, TestContext.Current.CancellationToken));
        }

        await using RunningProcess again = RunningProcess.Start(Sksd.Command("watch", "--data", Data, "--json", "--from", cursor));
        string next = await again.WaitForLineAsync(line => line.StartsWith('{'), null, TestContext.Current.CancellationToken);

        JsonElement change = JsonDocument.Parse(next).RootElement;
        ulong sequence = ulong.Parse(cursor.Split(':')[1], null);
        Assert.Equal($"{cursor.Split(':')[0]}:{sequence + 1}", change.GetProperty("cursor").GetString());
        Assert.Equal("Added", change.GetProperty("change").GetString());
    }

    [Fact]
    public async Task A_cursor_of_another_log_is_refused()
    {
        ProcessResult result = await Sksd.RunAsync("watch", "--data", Data, "--from", "0123456789abcdef:1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cursor", result.SingleError(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Stats_count_what_is_there_and_what_came_in()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();

        JsonElement stats = JsonDocument.Parse(Assert.Single((await Sksd.RunAsync("stats", "--data", Data, "--json")).OutputLines)).RootElement;

        Assert.Equal(6, stats.GetProperty("certificateCount").GetInt64());
        Assert.True(stats.GetProperty("writable").GetBoolean());
        JsonElement outcome = Assert.Single(stats.GetProperty("outcomes").EnumerateArray());
        Assert.Equal("Import", outcome.GetProperty("source").GetString());
        Assert.Equal("Added", outcome.GetProperty("result").GetString());
        Assert.Equal(6, outcome.GetProperty("count").GetInt64());
    }

    private static string InGroups(string fingerprint) => string.Join(' ', fingerprint.Chunk(4).Select(group => new string(group)));

    private async Task<IReadOnlyList<string>> FindAsync(params string[] arguments)
    {
        ProcessResult result = await Sksd.RunAsync(["lookup", "--data", Data, "--json", .. arguments]);
        return [.. result.EnsureSuccess().OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("fingerprint").GetString()!)];
    }
}
