using System.Text.Json;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

/// <summary>A client that shares no code with ours: it learns the interface by reflection.</summary>
public class BufTests
{
    private const string Service = "sks.keys.v1.KeyService";

    private static readonly Uri SocketHost = new("http://localhost");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Methods_are_listed_on_both_listeners()
    {
        await using TestServer server = await TestServer.StartAsync();

        IReadOnlyList<string> overTcp = await BufTool.ListMethodsAsync(server.TcpUrl, cancellationToken: Ended);
        IReadOnlyList<string> overSocket = await BufTool.ListMethodsAsync(SocketHost, server.SocketPath, Ended);

        string[] keys = [$"{Service}/Get", $"{Service}/Search", $"{Service}/Submit", $"{Service}/Watch"];
        string[] methods =
        [
            "AcceptPeer", "AddPeer", "Backup", "Check", "ConfirmRestriction", "Dump", "Explain", "ExportRestrictions", "GetStats", "Import", "ImportRestrictions",
            "InvitePeer", "ListPeers", "ListRestrictions", "ReceiveMail", "RemovePeer", "Restrict",
        ];
        string[] admin = [.. methods.Select(method => $"sks.admin.v1.AdminService/{method}")];
        Assert.Equal(keys, overTcp.Where(method => method.StartsWith("sks.", StringComparison.Ordinal)).Order());
        Assert.Equal([.. admin, .. keys], overSocket.Where(method => method.StartsWith("sks.", StringComparison.Ordinal)).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Submitted_certificate_is_found_by_fingerprint(bool overSocket)
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate certificate = TestCertificate.Create(1);
        string data = Convert.ToBase64String(certificate.Data);
        string fingerprint = Convert.ToBase64String(certificate.Fingerprint);

        ProcessResult submitted = await CallAsync(server, overSocket, $"{Service}/Submit", $$"""{"requestId": "3", "data": "{{data}}"}""");
        using JsonDocument answer = JsonDocument.Parse(submitted.EnsureSuccess().Output);
        Assert.Equal("3", answer.RootElement.GetProperty("requestId").GetString());
        Assert.Equal("SUBMISSION_RESULT_ADDED", answer.RootElement.GetProperty("outcomes")[0].GetProperty("result").GetString());

        ProcessResult got = await CallAsync(server, overSocket, $"{Service}/Get", $$"""{"fingerprint": "{{fingerprint}}"}""");
        using JsonDocument found = JsonDocument.Parse(got.EnsureSuccess().Output);
        JsonElement first = found.RootElement.GetProperty("certificates")[0];
        Assert.Equal(data, first.GetProperty("data").GetString());
        Assert.Equal("2020-01-01T00:00:01Z", first.GetProperty("creationTime").GetString());
    }

    [Fact]
    public async Task Search_and_statistics_answer()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 3));

        ProcessResult search = await CallAsync(server, overSocket: false, $"{Service}/Search", """{"words": "number example"}""");
        ProcessResult stats = await CallAsync(server, overSocket: true, "sks.admin.v1.AdminService/GetStats", "{}");

        using JsonDocument matches = JsonDocument.Parse(search.EnsureSuccess().Output);
        Assert.Equal(3, matches.RootElement.GetProperty("matchCount").GetInt32());
        using JsonDocument numbers = JsonDocument.Parse(stats.EnsureSuccess().Output);
        Assert.Equal("3", numbers.RootElement.GetProperty("certificateCount").GetString());
    }

    [Fact]
    public async Task Import_and_dump_answer_over_the_socket()
    {
        await using TestServer server = await TestServer.StartAsync();
        string data = Convert.ToBase64String(TestCertificate.Create(1).Data);

        ProcessResult imported = await CallAsync(
            server, overSocket: true, "sks.admin.v1.AdminService/Import", """{"file": {"name": "a"}}""" + $$"""{"data": "{{data}}"}""");
        ProcessResult dumped = await CallAsync(server, overSocket: true, "sks.admin.v1.AdminService/Dump", "{}");

        Assert.Contains("\"added\": \"1\"", Normalise(imported.EnsureSuccess().Output), StringComparison.Ordinal);
        Assert.Contains(data, dumped.EnsureSuccess().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_have_their_status_and_details()
    {
        await using TestServer server = await TestServer.StartAsync();

        ProcessResult notFound = await CallAsync(server, overSocket: false, $"{Service}/Get", """{"keyId": "AAAAAAAAAAA="}""");
        ProcessResult outOfRange = await CallAsync(
            server, overSocket: false, $"{Service}/Watch", """{"cursor": {"incarnation": "1", "sequence": "99"}}""");

        AssertFailed("not_found", ["google.rpc.ErrorInfo", "google.rpc.ResourceInfo"], notFound);
        AssertFailed("out_of_range", ["google.rpc.ErrorInfo", "sks.keys.v1.CursorOutOfRange"], outOfRange);
    }

    private static Task<ProcessResult> CallAsync(TestServer server, bool overSocket, string method, string json) => overSocket
        ? BufTool.CallAsync(SocketHost, method, json, server.SocketPath, cancellationToken: Ended)
        : BufTool.CallAsync(server.TcpUrl, method, json, cancellationToken: Ended);

    private static void AssertFailed(string code, string[] details, ProcessResult result)
    {
        Assert.NotEqual(0, result.ExitCode);
        using JsonDocument error = JsonDocument.Parse(result.Error);
        Assert.Equal(code, error.RootElement.GetProperty("code").GetString());
        Assert.Equal(details, error.RootElement.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("type").GetString()));
    }

    // Go's JSON has one space or two after a colon, at random.
    private static string Normalise(string json) => json.Replace("\":  ", "\": ", StringComparison.Ordinal).Replace("\":\"", "\": \"", StringComparison.Ordinal);
}
