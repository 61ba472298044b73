using System.Net;
using System.Text;
using System.Text.Json;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

public sealed class RestrictionTests : IDisposable
{
    private const string Secret = "Wilhelmina";
    private static readonly SigningKey Key = new(4711);

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    private static string Fingerprint => Key.Fingerprint.ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static SignedCertificate Victim => new SignedCertificate(Key)
        .UserId($"{Secret} <quagga@zanzibar.example>").Certify()
        .UserId("Other <other@example.org>").Certify();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_blocked_certificate_is_gone_everywhere_until_it_is_unblocked()
    {
        await using (RunningNode node = await RunningNode.StartAsync(Data))
        {
            Assert.Equal(HttpStatusCode.OK, await AddAsync(node, Victim));
            Assert.Equal(HttpStatusCode.OK, await GetAsync(node, Fingerprint));

            ProcessResult blocked = await Sksd.RunAsync("block", "0x" + Fingerprint, "--reason", "order 17", "--data", Data);
            Assert.Equal([$"blocked: certificate {Fingerprint}", "certificates: 1 removed, 0 lost packets"], blocked.EnsureSuccess().OutputLines);
            await AssertBlockedAsync(node);
        }

        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
        ProcessResult import = await Sksd.RunAsync("import", "--data", Data, await WriteAsync(Victim));
        Assert.Contains("rejected, Restricted: 1", import.OutputLines);
        (await Sksd.RunAsync("dump", "--data", Data, _folder.Combine("dump"))).EnsureSuccess();
        Assert.Equal(TestData.Digests(TestData.OldKeyring), TestData.Digests(Directory.GetFiles(_folder.Combine("dump"), "*.pgp")));

        await using RunningNode again = await RunningNode.StartAsync(Data);
        await AssertBlockedAsync(again);
        string line = Assert.Single((await Sksd.RunAsync("restrictions", "list", "--data", Data)).EnsureSuccess().OutputLines);
        Assert.StartsWith($"in-force Block certificate {Fingerprint}, issued 2", line, StringComparison.Ordinal);
        Assert.Contains($"by {Environment.UserName}: order 17 [", line, StringComparison.Ordinal);

        (await Sksd.RunAsync("unblock", Fingerprint, "--data", Data)).EnsureSuccess();
        Assert.Equal(1, (await Sksd.RunAsync("unblock", Fingerprint, "--data", Data)).ExitCode);
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(again, Fingerprint));
        Assert.Equal(HttpStatusCode.OK, await AddAsync(again, Victim));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(again, Fingerprint));
        Assert.Empty((await Sksd.RunAsync("restrictions", "list", "--data", Data)).OutputLines);
        Assert.Equal(
            ["Block", "Retract"],
            (await Sksd.RunAsync("restrictions", "list", "--all", "--json", "--data", Data)).EnsureSuccess().OutputLines
                .Select(static json => JsonDocument.Parse(json).RootElement.GetProperty("kind").GetString()));
        Assert.StartsWith("check: ok", (await Sksd.RunAsync("check", "--data", Data)).OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Erased_bytes_are_nowhere_and_a_revocation_is_still_taken()
    {
        byte[][] packets = [.. Victim.BuildCertificate().Packets.Select(static packet => packet.Body.ToArray())];
        await using (RunningNode node = await RunningNode.StartAsync(Data))
        {
            Assert.Equal(HttpStatusCode.OK, await AddAsync(node, Victim));
            Assert.NotEmpty(FilesWith(Encoding.UTF8.GetBytes(Secret)));
        }

        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();
        await using (RunningNode node = await RunningNode.StartAsync(Data))
        {
            ProcessResult erased = await Sksd.RunAsync("erase", Fingerprint, "--data", Data);
            Assert.Equal(
                [$"erased: certificate {Fingerprint}", "certificates: 1 removed, 0 lost packets", "purged: nothing of it is left on the disk"],
                erased.EnsureSuccess().OutputLines);
            AssertNowhere(packets);
            await AssertBlockedAsync(node);

            Assert.Equal(HttpStatusCode.Forbidden, await AddAsync(node, new SignedCertificate(Key).RevokeKeyBy(new SigningKey(4712))));
            SignedCertificate revoked = new SignedCertificate(Key).RevokeKey().UserId($"{Secret} <quagga@zanzibar.example>").Certify();
            Assert.Equal(HttpStatusCode.OK, await AddAsync(node, revoked));
            Assert.Equal(HttpStatusCode.OK, await GetAsync(node, Fingerprint));
            AssertNowhere(packets[1..]);
        }

        AssertNowhere(packets[1..]);
        Assert.StartsWith("check: ok, 261", (await Sksd.RunAsync("check", "--data", Data)).OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_user_ID_or_an_address_is_erased_and_the_rest_stays()
    {
        (await Sksd.RunAsync("import", "--data", Data, await WriteAsync(Victim))).EnsureSuccess();

        ProcessResult wrong = await Sksd.RunAsync("erase", Fingerprint, "--user-id", Secret, "--data", Data);
        Assert.Equal("nothing of it was stored", wrong.EnsureSuccess().OutputLines[1]);
        ProcessResult erased = await Sksd.RunAsync("erase", Fingerprint, "--user-id", $"{Secret} <quagga@zanzibar.example>", "--data", Data);
        Assert.Equal("certificates: 0 removed, 1 lost packets", erased.EnsureSuccess().OutputLines[1]);
        AssertNowhere([]);
        Assert.Equal(["Other <other@example.org>"], await ReadUserIdsAsync());

        (await Sksd.RunAsync("block", "--identity", " OTHER@example.org", "--data", Data)).EnsureSuccess();
        Assert.Empty((await Sksd.RunAsync("lookup", "--exact", "other@example.org", "--data", Data)).OutputLines);
        Assert.Equal("imported: 0 added, 0 updated, 1 unchanged, 0 rejected", (await Sksd.RunAsync("import", "--data", Data, await WriteAsync(Victim))).OutputLines[^1]);
    }

    [Fact]
    public async Task Restrictions_travel_to_a_node_that_lists_their_origin()
    {
        string other = _folder.Combine("other");
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
        (await Sksd.RunAsync("import", "--data", other, await WriteAsync(Victim))).EnsureSuccess();
        (await Sksd.RunAsync("block", Fingerprint, "--reason", "not for others", "--data", Data)).EnsureSuccess();
        ProcessResult export = await Sksd.RunAsync("restrictions", "export", "--data", Data);
        Assert.DoesNotContain("not for others", Encoding.Latin1.GetString(Convert.FromBase64String(export.EnsureSuccess().OutputLines[1])), StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder.Combine("records"), export.Output, Token);

        ProcessResult refused = await Sksd.RunAsync("restrictions", "import", _folder.Combine("records"), "--data", other);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Restrictions:Origins", refused.SingleError(), StringComparison.Ordinal);

        string origin = export.OutputLines[0].Split(' ')[^1];
        await File.WriteAllTextAsync(_folder.Combine("config"), $$"""{ "Restrictions": { "Origins": ["{{origin}}"] } }""", Token);
        string[] arguments = ["restrictions", "import", _folder.Combine("records"), "--config", _folder.Combine("config"), "--data", other];
        ProcessResult taken = await Sksd.RunAsync(arguments);
        Assert.Equal(["certificates: 1 removed, 0 lost packets", "restrictions: 1 added, 0 unchanged, 0 refused"], taken.EnsureSuccess().OutputLines);
        Assert.Equal("restrictions: 0 added, 1 unchanged, 0 refused", (await Sksd.RunAsync(arguments)).EnsureSuccess().OutputLines[^1]);
    }

    [Theory]
    [InlineData("block")]
    [InlineData("block 0123456789ABCDEF")]
    [InlineData("erase --user-id x")]
    [InlineData("unblock 57731224A9762EA155AB2A530CA8D15BB24D96F2 --identity a@example.org")]
    [InlineData("restrictions confirm 17")]
    public async Task Wrong_usage_is_one_line_and_exit_code_2(string arguments)
    {
        ProcessResult result = await Sksd.RunAsync([.. arguments.Split(' '), "--data", Data]);
        Assert.Equal(2, result.ExitCode);
        Assert.NotEmpty(result.SingleError());
        Assert.False(Directory.Exists(Data));
    }

    private static async Task AssertBlockedAsync(RunningNode node)
    {
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(node, Fingerprint));
        Assert.Equal(HttpStatusCode.Forbidden, await AddAsync(node, Victim));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(node, Fingerprint));
    }

    private static async Task<HttpStatusCode> GetAsync(RunningNode node, string fingerprint)
    {
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(new Uri(node.Hkp, $"/pks/lookup?op=get&options=mr&search=0x{fingerprint}"), Token);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> AddAsync(RunningNode node, SignedCertificate certificate)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("keytext", Encoding.ASCII.GetString(TestData.Armor(certificate.Build())))]);
        using HttpResponseMessage response = await http.PostAsync(new Uri(node.Hkp, "/pks/add"), form, Token);
        return response.StatusCode;
    }

    private async Task<string> WriteAsync(SignedCertificate certificate)
    {
        string path = _folder.Combine("certificate.pgp");
        await File.WriteAllBytesAsync(path, certificate.Build(), Token);
        return path;
    }

    private async Task<IEnumerable<string?>> ReadUserIdsAsync()
    {
        ProcessResult found = await Sksd.RunAsync("lookup", "--json", Fingerprint, "--data", Data);
        return JsonDocument.Parse(Assert.Single(found.EnsureSuccess().OutputLines)).RootElement.GetProperty("userIds").EnumerateArray()
            .Select(static userId => userId.ValueKind == JsonValueKind.String ? userId.GetString() : userId.GetProperty("text").GetString());
    }

    private void AssertNowhere(byte[][] packets)
    {
        foreach (string text in new[] { Secret, Secret.ToLowerInvariant(), "quagga", "zanzibar" })
            Assert.Empty(FilesWith(Encoding.UTF8.GetBytes(text)));
        Assert.All(packets, packet => Assert.Empty(FilesWith(packet)));
    }

    private List<string> FilesWith(byte[] bytes) =>
        [.. Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(path => Read(path).AsSpan().IndexOf(bytes) >= 0)];

    // A compaction may delete a file between its listing and its reading: then it holds nothing.
    private static byte[] Read(string path)
    {
        try
        {
            if (Path.GetFileName(path) is "lock" or "LOCK" or "admin.sock")
                return [];
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }
}
