using System.Text;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests;

/// <summary>The operator's own pages, and what must not come with them.</summary>
public sealed class WebFolderTests : IAsyncLifetime
{
    private const int MaxBytes = 1000;

    private readonly TemporaryFolder _folder = new();
    private HkpFixture _hkp = null!;

    public async ValueTask InitializeAsync()
    {
        Write("web/index.html", "<p>welcome</p>");
        Write("web/style.css", "p {}");
        Write("web/robots.txt", "mine");
        Write("web/deep/er/index.htm", "below");
        Write("web/pks/lookup", "shadow");
        Write("web/pks/lookup.html", "shadow");
        Write("web/health/live.txt", "shadow");
        Write("web/.hidden.html", "hidden");
        Write("web/.git/config.txt", "hidden");
        Write("web/page.html~", "hidden");
        Write("web/run.sh", "hidden");
        Write("web/empty.html", "");
        Write("web/large.txt", new string('x', MaxBytes + 1));
        Write("web/full.txt", new string('x', MaxBytes));
        Write("secret.txt", "secret");
        Write("web2/secret.txt", "secret");
        File.CreateSymbolicLink(_folder.Combine("web", "link.txt"), _folder.Combine("secret.txt"));
        Directory.CreateSymbolicLink(_folder.Combine("web", "out"), _folder.Combine("web2"));
        _hkp = await HkpFixture.StartAsync(configure: options =>
        {
            options.WebDirectory = _folder.Combine("web");
            options.MaxWebFileBytes = MaxBytes;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _hkp.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("/", "<p>welcome</p>", "text/html; charset=utf-8")]
    [InlineData("/index.html?x=../y", "<p>welcome</p>", "text/html; charset=utf-8")]
    [InlineData("/style.css", "p {}", "text/css; charset=utf-8")]
    [InlineData("/robots.txt", "mine", "text/plain; charset=utf-8")]
    [InlineData("/deep/er/", "below", "text/html; charset=utf-8")]
    public async Task Files_are_served_with_their_types(string target, string expected, string type)
    {
        RawHttpResponse response = await _hkp.GetAsync(target);
        Assert.Equal(200, response.StatusCode);
        Assert.Equal(expected, Encoding.UTF8.GetString(response.Body));
        Assert.Equal(type, response.Header("Content-Type"));
        Assert.Equal("nosniff", response.Header("X-Content-Type-Options"));
        RawHttpResponse head = await _hkp.ExchangeAsync($"HEAD {target} HTTP/1.0\r\n\r\n");
        Assert.Equal(response.Header("Content-Length"), head.Header("Content-Length"));
        Assert.Empty(head.Body);
        RawHttpResponse known = await _hkp.ExchangeAsync($"GET {target} HTTP/1.0\r\nIf-None-Match: {response.Header("ETag")}\r\n\r\n");
        Assert.Equal(304, known.StatusCode);
    }

    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/..%5csecret.txt")]
    [InlineData("/deep/../../secret.txt")]
    [InlineData("/deep/%2e%2e/%2e%2e/secret.txt")]
    [InlineData("//secret.txt")]
    [InlineData("/deep//er/index.htm")]
    [InlineData("/link.txt")]
    [InlineData("/out/secret.txt")]
    [InlineData("/.hidden.html")]
    [InlineData("/.git/config.txt")]
    [InlineData("/page.html~")]
    [InlineData("/run.sh")]
    [InlineData("/empty.html")]
    [InlineData("/large.txt")]
    [InlineData("/deep")]
    [InlineData("/deep/er")]
    [InlineData("/nothing.html")]
    [InlineData("/index.html%00.txt")]
    [InlineData("/pks/lookup.html")]
    [InlineData("/PKS/lookup.html")]
    [InlineData("/health/live.txt")]
    public async Task Everything_else_is_not_there(string target)
    {
        RawHttpResponse response = await _hkp.GetAsync(target);
        Assert.InRange(response.StatusCode, 400, 404);
        string body = Encoding.UTF8.GetString(response.Body);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", body, StringComparison.Ordinal);
        Assert.DoesNotContain("shadow", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_largest_file_that_is_allowed_comes_whole_and_the_keyserver_still_answers()
    {
        Assert.Equal(MaxBytes, (await _hkp.GetAsync("/full.txt")).Body.Length);
        Assert.Equal(400, (await _hkp.GetAsync("/pks/lookup")).StatusCode);
        Assert.Equal("OK\n", Encoding.UTF8.GetString((await _hkp.GetAsync("/health/live")).Body));
        RawHttpResponse post = await _hkp.ExchangeAsync("POST /index.html HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(405, post.StatusCode);
    }

    private void Write(string name, string text)
    {
        string path = _folder.Combine(name.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
