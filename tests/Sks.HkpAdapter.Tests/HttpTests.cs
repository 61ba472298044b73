using System.Globalization;
using System.Text;
using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public sealed class HttpTests(HttpTests.OneNode shared) : IClassFixture<HttpTests.OneNode>
{
    private const string Address = "someone@example.org";

    private readonly HkpFixture _hkp = shared.Hkp;

    [Theory]
    [InlineData("/pks/lookup?op=get&search=" + Address, 200)]
    [InlineData("/pks/lookup?op=get&exact=on&search=SOMEONE@example.org", 200)]
    [InlineData("/pks/lookup?op=get&exact=on&search=someone", 404)]
    [InlineData("/pks/lookup?op=index&options=mr&search=" + Address, 200)]
    [InlineData("/pks/lookup?op=get&search=0x12345678", 404)]
    [InlineData("/pks/lookup?op=get&search=0x123", 400)]
    [InlineData("/pks/lookup?op=get", 400)]
    [InlineData("/pks/lookup?search=x", 400)]
    [InlineData("/pks/lookup?op=nothing&search=x", 501)]
    [InlineData("/pks/lookup?op=stats", 200)]
    [InlineData("/pks/health", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/robots.txt", 200)]
    [InlineData("/favicon.ico", 404)]
    [InlineData("/pks/lookup/?op=stats", 404)]
    [InlineData("/../etc/passwd", 404)]
    [InlineData("/pks/add", 405)]
    [InlineData("/pks/hashquery", 405)]
    public async Task HEAD_has_the_headers_of_GET_and_both_allow_any_origin(string target, int status)
    {
        RawHttpResponse get = await _hkp.GetAsync(target);
        RawHttpResponse head = await _hkp.ExchangeAsync($"HEAD {target} HTTP/1.0\r\n\r\n");
        Assert.Equal(status, get.StatusCode);
        Assert.Equal("*", get.Header("Access-Control-Allow-Origin"));
        Assert.Equal(get.Body.Length.ToString(CultureInfo.InvariantCulture), get.Header("Content-Length"));
        Assert.Null(get.Header("Server"));
        if (target.Contains("stats", StringComparison.Ordinal))
            return;
        Assert.Equal(Comparable(get), Comparable(head));
        Assert.Empty(head.Body);

        static IEnumerable<string> Comparable(RawHttpResponse response) =>
            [response.StatusLine, .. response.Headers.Where(static header => header.Name != "Date").Select(static header => $"{header.Name}: {header.Value}")];
    }

    [Theory]
    [InlineData("DELETE", "/pks/lookup", "GET, HEAD, OPTIONS")]
    [InlineData("POST", "/", "GET, HEAD, OPTIONS")]
    [InlineData("PUT", "/pks/add", "POST, OPTIONS")]
    [InlineData("BREW", "/pks/lookup", "GET, HEAD, OPTIONS")]
    public async Task A_wrong_method_is_told_the_right_ones(string method, string path, string allowed)
    {
        RawHttpResponse response = await _hkp.ExchangeAsync($"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(405, response.StatusCode);
        Assert.Equal(allowed, response.Header("Allow"));
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("/pks/lookup", "GET, HEAD, OPTIONS")]
    [InlineData("/pks/add", "POST, OPTIONS")]
    [InlineData("*", "GET, HEAD, POST, OPTIONS")]
    public async Task OPTIONS_tells_the_methods(string target, string allowed)
    {
        RawHttpResponse response = await _hkp.ExchangeAsync($"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, response.StatusCode);
        Assert.Equal(allowed, response.Header("Allow"));
        Assert.Equal(allowed, response.Header("Access-Control-Allow-Methods"));
    }

    [Fact]
    public async Task Several_listeners_and_IPv6_answer_alike()
    {
        Assert.Equal(2, _hkp.Server.Addresses.Count);
        foreach (System.Net.IPEndPoint endPoint in _hkp.Server.Addresses)
            Assert.Equal(200, (await _hkp.ExchangeAsync(Encoding.ASCII.GetBytes($"GET /pks/lookup?op=get&search={Address} HTTP/1.0\r\n\r\n"), endPoint)).StatusCode);
    }

    [Fact]
    public async Task A_connection_is_used_again_in_HTTP_1_1()
    {
        using RawHttp connection = await _hkp.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            await connection.SendAsync(Encoding.ASCII.GetBytes($"GET /pks/lookup?op=get&search={Address} HTTP/1.1\r\nHost: any.name\r\n\r\n"), TestContext.Current.CancellationToken);
            Assert.Equal(200, (await connection.ReadResponseAsync(false, TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    [Fact]
    public async Task The_absolute_form_of_proxies_is_understood() =>
        Assert.Equal(200, (await _hkp.GetAsync($"http://elsewhere:11371/pks/lookup?op=get&search={Address}")).StatusCode);

    [Fact]
    public async Task Binary_keys_are_the_same_without_armor()
    {
        RawHttpResponse armored = await _hkp.GetAsync("/pks/lookup?op=get&search=" + Address);
        RawHttpResponse binary = await _hkp.GetAsync("/pks/lookup?op=get&options=bin&search=" + Address);
        Assert.Equal("application/octet-stream", binary.Header("Content-Type"));
        Assert.Equal(Synthetic.Dearmor(armored.Body), binary.Body);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(3000)]
    public async Task Answers_of_every_size_arrive_whole(int kilobytes)
    {
        byte[] certificate = Large(kilobytes);
        await _hkp.ImportAsync(certificate);
        RawHttpResponse response = await _hkp.GetAsync("/pks/lookup?op=get&search=0x" + Synthetic.FingerprintOf(50 + kilobytes));
        Assert.True(response.IsComplete);
        byte[] sent = Synthetic.Dearmor(response.Body);
        Assert.Equal(Synthetic.Packets(certificate), Synthetic.Packets(sent));
        Assert.Equal(sent, (await _hkp.GetAsync("/pks/lookup?op=get&options=bin&search=0x" + Synthetic.FingerprintOf(50 + kilobytes))).Body);
    }

    [Fact]
    public async Task Several_certificates_are_one_block()
    {
        byte[] large = Large(300, "Several <large@example.org>");
        byte[] small = Synthetic.Certificate(7, "Several <small@example.org>");
        await _hkp.ImportAsync(large);
        await _hkp.ImportAsync(small);
        RawHttpResponse response = await _hkp.GetAsync("/pks/lookup?op=get&search=several");
        Assert.Equal("2", response.Header("X-HKP-Results-Count"));
        byte[] all = Synthetic.Dearmor(response.Body);
        Assert.Equal(large.Length + small.Length, all.Length);
        Assert.Single(response.Text.Split("-----BEGIN")[1..]);
    }

    [Theory]
    [InlineData("\r\n\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET / HTTP/3.7\r\n\r\n")]
    [InlineData("GET /pks/lookup?op=get HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nno colon\r\n\r\n")]
    [InlineData("POST /pks/add HTTP/1.0\r\n\r\n")]
    [InlineData("POST /pks/add HTTP/1.0\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /pks/add HTTP/1.0\r\nContent-Length: zz\r\n\r\n")]
    [InlineData("POST /pks/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001")]
    [InlineData("\u0000\u0001\u0002\u00ff\r\n\r\n")]
    public async Task Junk_gets_an_error_or_nothing_and_harms_nobody(string junk)
    {
        using (RawHttp connection = await _hkp.ConnectAsync())
        {
            await connection.SendAsync(Encoding.Latin1.GetBytes(junk), TestContext.Current.CancellationToken);
            connection.EndSending();
            RawHttpResponse response = await connection.ReadResponseAsync(false, TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode is 0 or (>= 400 and < 500) or 505, response.StatusLine);
        }

        Assert.Equal(200, (await _hkp.GetAsync("/pks/lookup?op=get&search=" + Address)).StatusCode);
    }

    [Fact]
    public async Task A_client_that_has_closed_its_side_still_gets_its_answer()
    {
        for (int i = 0; i < 20; i++)
        {
            using RawHttp connection = await _hkp.ConnectAsync();
            await connection.SendAsync(
                Encoding.ASCII.GetBytes($"GET /pks/lookup?op=get&search={Address} HTTP/1.0\r\n\r\n"), TestContext.Current.CancellationToken);
            connection.EndSending();
            Assert.Equal(200, (await connection.ReadResponseAsync(false, TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    [Fact]
    public async Task Junk_is_counted()
    {
        await using HkpFixture fresh = await HkpFixture.StartAsync();
        await fresh.ExchangeAsync("no http at all\r\n\r\n");
        await fresh.GetAsync("/" + new string('a', 100_000));
        await fresh.GetAsync("/nowhere");
        using var statistics = System.Text.Json.JsonDocument.Parse((await fresh.GetAsync("/pks/stats?options=json")).Body);
        System.Text.Json.JsonElement requests = statistics.RootElement.GetProperty("requests");
        Assert.Equal([("400", 1), ("404", 1), ("414", 1)], requests.EnumerateObject().Select(static p => (p.Name, p.Value.GetInt32())));
    }

    [Fact]
    public async Task An_endless_request_line_or_head_is_cut()
    {
        Assert.InRange((await _hkp.GetAsync("/" + new string('a', 100_000))).StatusCode, 400, 499);
        Assert.InRange((await _hkp.GetAsync("/", $"X: {new string('a', 100_000)}\r\n")).StatusCode, 400, 499);
    }

    [Theory]
    [InlineData("/pks/add")]
    [InlineData("/pks/add?options=mr")]
    public async Task A_claim_of_a_gibibyte_is_refused_at_once(string target)
    {
        RawHttpResponse response = await _hkp.ExchangeAsync($"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\nkeytext=");
        Assert.Equal(413, response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Contains("too large", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_bound_is_refused_without_an_announcement()
    {
        using RawHttp connection = await _hkp.ConnectAsync();
        await connection.SendAsync("POST /pks/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        byte[] chunk = [.. "4000\r\n"u8, .. new byte[0x4000], .. "\r\n"u8];
        for (int i = 0; i < 7 && await connection.SendAsync(chunk, TestContext.Current.CancellationToken); i++)
        {
        }

        Assert.Equal(413, (await connection.ReadResponseAsync(false, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up()
    {
        RawHttpResponse response = await _hkp.ExchangeAsync("POST /pks/add HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nkeytext=");
        Assert.Equal(408, response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Hash_queries_are_closed_unless_allowed()
    {
        RawHttpResponse response = await _hkp.PostAsync("/pks/hashquery", [0, 0, 0, 0]);
        Assert.Equal(403, response.StatusCode);
        Assert.Contains("allow-full-view", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_are_pages_for_browsers_only()
    {
        const string target = "/pks/lookup?op=get&search=nobody";
        Assert.Equal("text/plain; charset=utf-8", (await _hkp.GetAsync(target)).Header("Content-Type"));
        Assert.Equal("text/plain; charset=utf-8", (await _hkp.GetAsync(target + "&options=mr", "Accept: text/html\r\n")).Header("Content-Type"));
        Assert.Equal("text/html; charset=utf-8", (await _hkp.GetAsync(target, "Accept: text/html\r\n")).Header("Content-Type"));
    }

    [Fact]
    public async Task Without_word_search_only_whole_identities_are_found()
    {
        await using HkpFixture strict = await HkpFixture.StartAsync(
            Synthetic.Certificate(1, $"Someone <{Address}>"), static options => options.WordSearch = false);
        Assert.Equal(200, (await strict.GetAsync("/pks/lookup?op=get&search=" + Address)).StatusCode);
        Assert.Equal(200, (await strict.GetAsync("/pks/lookup?op=get&search=Someone%20<someone@example.org>")).StatusCode);
        Assert.Equal(501, (await strict.GetAsync("/pks/lookup?op=get&search=someone")).StatusCode);
        Assert.Equal(404, (await strict.GetAsync("/pks/lookup?op=get&search=one@example.org")).StatusCode);
    }

    [Fact]
    public async Task Too_many_matches_are_refused_but_an_address_still_finds_its_own()
    {
        byte[] keyring = [.. Enumerable.Range(1, 5).SelectMany(static i => Synthetic.Certificate(i, $"Common <{(i == 3 ? "c" : "d" + i)}@common.example>"))];
        await using HkpFixture small = await HkpFixture.StartAsync(keyring, node: new KeyserverOptions { MaxMatches = 4, MaxInternalMatches = 4 });
        Assert.Equal(413, (await small.GetAsync("/pks/lookup?op=index&options=mr&search=common")).StatusCode);
        Assert.Equal("1", (await small.GetAsync("/pks/lookup?op=index&options=mr&search=c@common.example")).Header("X-HKP-Results-Count"));
    }

    [Fact]
    public async Task Bodies_share_one_budget()
    {
        await using HkpFixture small = await HkpFixture.StartAsync(configure: static options => options.MaxBufferedBytes = 1024 * 1024);
        RawHttpResponse refused = await small.PostAsync("/pks/add", new byte[1_500_000]);
        Assert.Equal(503, refused.StatusCode);
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Equal(200, (await small.SubmitAsync(Synthetic.Certificate(1, "x"))).StatusCode);
    }

    // Certified by others with long notes, as many as are kept on a user ID.
    private static byte[] Large(int kilobytes, string userId = "Large <large@example.org>")
    {
        const int perUserId = 200;
        const int noteLength = 1700;
        var other = new SigningKey(999);
        var certificate = new SignedCertificate(SigningKey.FromPool(50 + kilobytes));
        int count = kilobytes * 1024 / noteLength;
        for (int i = 0; i <= count; i++)
        {
            if (i % perUserId == 0)
                certificate.UserId(i == 0 ? userId : $"{userId} {i}").Certify();
            certificate.ThirdParty(other, spec => spec.Noting("note@example.org", new string('n', noteLength)));
        }

        return certificate.Build();
    }

    public sealed class OneNode : IAsyncLifetime
    {
        public HkpFixture Hkp { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Hkp = await HkpFixture.StartAsync(Synthetic.Certificate(1, $"Someone <{Address}>"), static options =>
            {
                options.Listen.Add("[::1]:0");
                options.MaxRequestBytes = 100_000;
                options.BodyTimeout = TimeSpan.FromSeconds(1);
            });

        public ValueTask DisposeAsync() => Hkp.DisposeAsync();
    }
}
