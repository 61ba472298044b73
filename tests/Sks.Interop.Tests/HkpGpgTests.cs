using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>Real GnuPG against our HKP server, alone and behind nginx.</summary>
public sealed class HkpGpgTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_are_sent_searched_received_and_refreshed(bool behindNginx)
    {
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx, Token);
        await using var sender = GpgHome.Create();
        string fingerprint = await sender.GenerateKeyAsync("Jürgen Test <user+tag@example.org>", Token);
        (await sender.SendKeysAsync(keyserver.Uri, [fingerprint], Token)).EnsureSuccess();
        Assert.Equal(1, keyserver.Node.GetStatistics().Certificates);

        string subkey = (await sender.RunAsync(["--with-colons", "--list-keys"], default, Token)).OutputLines
            .Select(static line => line.Split(':'))
            .SkipWhile(static fields => fields[0] != "sub")
            .First(static fields => fields[0] == "fpr")[9];
        foreach (string wanted in (string[])[fingerprint, fingerprint[^16..], "0x" + fingerprint, subkey])
        {
            await using var receiver = GpgHome.Create();
            (await receiver.ReceiveKeysAsync(keyserver.Uri, [wanted], Token)).EnsureSuccess();
            Assert.Equal([fingerprint], await receiver.ListFingerprintsAsync(Token));
        }

        foreach (string text in (string[])["user+tag@example.org", "Jürgen Test", "<user+tag@example.org>", "Jürgen Test <user+tag@example.org>", fingerprint])
        {
            string found = (await sender.SearchKeysAsync(keyserver.Uri, text, Token)).Output;
            Assert.Contains(fingerprint, found, StringComparison.Ordinal);
            Assert.Contains("J%C3%BCrgen", found, StringComparison.OrdinalIgnoreCase);
        }

        await using var locator = GpgHome.Create();
        (await locator.LocateKeysAsync(keyserver.Uri, "user+tag@example.org", Token)).EnsureSuccess();
        Assert.Equal([fingerprint], await locator.ListFingerprintsAsync(Token));

        (await sender.ImportAsync(await sender.ReadRevocationAsync(fingerprint, Token), Token)).EnsureSuccess();
        (await sender.SendKeysAsync(keyserver.Uri, [fingerprint], Token)).EnsureSuccess();
        (await locator.RefreshKeysAsync(keyserver.Uri, [], Token)).EnsureSuccess();
        string listing = (await locator.RunAsync(["--with-colons", "--list-keys"], default, Token)).Output;
        Assert.Contains("pub:r:", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_there_is_said_to_be_not_there(bool behindNginx)
    {
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx, Token);
        await using var gpg = GpgHome.Create();

        ProcessResult received = await gpg.ReceiveKeysAsync(keyserver.Uri, ["73B0FE6E26734083FF8B736DCF4DA3D227B7D898"], Token);
        Assert.Equal(2, received.ExitCode);
        Assert.Contains("No data", received.Error, StringComparison.Ordinal);
        ProcessResult searched = await gpg.SearchKeysAsync(keyserver.Uri, "nobody@example.org", Token);
        Assert.Contains("not found on keyserver", searched.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Real_certificates_survive_the_way_through_the_server(bool behindNginx)
    {
        string ring = DebianKeyrings.NonUploaders.Require();
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx, Token);
        await using var sender = GpgHome.Create();
        (await sender.ImportAsync(ring, Token)).EnsureSuccess();
        IReadOnlyList<string> fingerprints = await sender.ListFingerprintsAsync(Token);
        (await sender.SendKeysAsync(keyserver.Uri, fingerprints, Token)).EnsureSuccess();

        await using var receiver = GpgHome.Create();
        (await receiver.ReceiveKeysAsync(keyserver.Uri, fingerprints, Token)).EnsureSuccess();
        Assert.Equal(fingerprints.Order(StringComparer.Ordinal), (await receiver.ListFingerprintsAsync(Token)).Order(StringComparer.Ordinal));
        Assert.Equal(DebianKeyrings.NonUploaders.Count, keyserver.Node.GetStatistics().Certificates);
    }

    [Fact]
    public async Task A_keyserver_that_is_down_is_not_taken_for_dead_by_gpg()
    {
        using var nobody = FreePort.Reserve();
        await using NginxProxy proxy = await HkpKeyserver.StartProxyAsync(nobody.EndPoint, Token);
        RawHttpResponse response = await RawHttp.ExchangeAsync(
            proxy.EndPoint, "GET /pks/lookup?op=get&search=0x73B0FE6E26734083FF8B736DCF4DA3D227B7D898 HTTP/1.0\r\n\r\n", null, Token);
        Assert.Equal(500, response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.DoesNotContain(proxy.Log, static line => line.Contains("73B0FE6E", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nginx_passes_targets_on_as_they_came()
    {
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: true, Token);
        foreach (string target in (string[])["/pks/lookup?op=index&options=mr&search=<a+b%2Bc@example.org>", "/pks/lookup?op=index&search=%FF%00"])
        {
            RawHttpResponse response = await RawHttp.ExchangeAsync(keyserver.EndPoint, $"GET {target} HTTP/1.0\r\n\r\n", null, Token);
            Assert.Equal(404, response.StatusCode);
            Assert.Contains("No keys found", response.Text, StringComparison.Ordinal);
        }

        RawHttpResponse large = await RawHttp.ExchangeAsync(
            keyserver.EndPoint, "POST /pks/add HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1073741824\r\n\r\n", null, Token);
        Assert.Equal(413, large.StatusCode);
    }
}
