using Sks.TestSupport;

namespace Sks.Interop.Tests;

public sealed class NginxProxyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lookup_and_an_upload_pass_through_to_SKS()
    {
        await using var sks = await SksPeer.ServeAsync([DebianKeyrings.Roles.Require()], cancellationToken: Token);
        await using var proxy = await NginxProxy.StartAsync(sks.HkpEndPoint, cancellationToken: Token);
        await using var gpg = GpgHome.Create();

        var response = await RawHttp.ExchangeAsync(
            proxy.EndPoint, "GET /pks/lookup?op=index&options=mr&search=0x0CA8D15BB24D96F2 HTTP/1.0\r\n\r\n", null, Token);

        Assert.Equal(200, response.StatusCode);
        Assert.StartsWith("nginx/", response.Header("Server"), StringComparison.Ordinal);
        Assert.Contains("da-manager@debian.org", response.Text, StringComparison.Ordinal);

        // Larger than nginx holds in memory (16 kB): its workers must be able to write to the temporary folder.
        (await gpg.ImportAsync(DebianKeyrings.NonUploaders.Require(), Token)).EnsureSuccess();
        var fingerprints = await gpg.ListFingerprintsAsync(Token);
        (await gpg.SendKeysAsync(proxy.KeyserverUri, fingerprints, Token)).EnsureSuccess();
        Assert.Equal(DebianKeyrings.NonUploaders.Count, (await sks.DigestsAsync(fingerprints, Token)).Count);
        Assert.Contains(proxy.Log, line => line.Contains("client request body is buffered to a temporary file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_of_ones_own_gets_its_places_filled_in()
    {
        using var unused = FreePort.Reserve();
        await using var proxy = await NginxProxy.StartAsync(
            unused.EndPoint,
            """
            server {
              listen @listen@;
              location / { return 200 "upstream @upstream@ says @word@"; }
            }
            """,
            new Dictionary<string, string> { ["@word@"] = "hello" },
            Token);

        var response = await RawHttp.ExchangeAsync(proxy.EndPoint, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", null, Token);

        Assert.Equal($"upstream {unused.EndPoint} says hello", response.Text);
    }

    [Fact]
    public async Task A_wrong_configuration_is_reported_in_nginxs_words()
    {
        using var unused = FreePort.Reserve();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => NginxProxy.StartAsync(unused.EndPoint, "server { listen @listen@; no_such_directive; }", null, Token));

        Assert.Contains("no_such_directive", failure.Message, StringComparison.Ordinal);
    }
}
