using System.Text.Json;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public sealed class PageTests : IAsyncLifetime
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=y> &amp; \r\npub:x \u202Eevil\u0000 '`{{ <h@example.org>";

    private HkpFixture _hkp = null!;

    public async ValueTask InitializeAsync()
    {
        _hkp = await HkpFixture.StartAsync(Vectors.Dataset);
        await _hkp.ImportAsync(Synthetic.Certificate(1, Hostile));
        await _hkp.ImportAsync(Synthetic.Certificate(2, [.. "Latin J"u8, 0xF6, .. "rg <l@example.org>"u8]));
        await _hkp.ImportAsync(Synthetic.Certificate(3, new string('L', 5000)));
    }

    public ValueTask DisposeAsync() => _hkp.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/pks/lookup?op=stats")]
    [InlineData("/pks/stats")]
    [InlineData("/pks/lookup?op=index&fingerprint=on&hash=on&search=synthshared")]
    [InlineData("/pks/lookup?op=vindex&fingerprint=on&hash=on&clean=off&search=synthshared")]
    [InlineData("/pks/lookup?op=vindex&search=0xBA60BC20F37E59444D6D25001365720913D2F22D")]
    [InlineData("/pks/lookup?op=index&search=alert")]
    [InlineData("/pks/lookup?op=vindex&search=alert")]
    [InlineData("/pks/lookup?op=index&search=latin")]
    [InlineData("/pks/lookup?op=vindex&search=%22%3E%3Cb%3Ealert")]
    [InlineData("/pks/lookup?op=get&search=nosuchword")]
    [InlineData("/nowhere")]
    public async Task Pages_are_well_formed(string target)
    {
        RawHttpResponse response = await _hkp.GetAsync(target, "Accept: text/html,*/*\r\n");
        Assert.Equal("text/html; charset=utf-8", response.Header("Content-Type"));
        HtmlCheck.IsWellFormed(response.Text);
        Assert.DoesNotContain("<script", response.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", response.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'none'", response.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_of_pages_can_fail() =>
        Assert.ThrowsAny<Exception>(static () => HtmlCheck.IsWellFormed("<!DOCTYPE html>\n<html><body><p>a<b>x</b></body></html>"));

    [Fact]
    public async Task Hostile_user_ids_are_shown_and_harmless()
    {
        string page = (await _hkp.GetAsync("/pks/lookup?op=vindex&search=alert")).Text;
        Assert.Contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("\\x0D\\x0Apub:x \\u{202E}evil\\x00", page, StringComparison.Ordinal);

        string index = (await _hkp.GetAsync("/pks/lookup?op=index&options=mr&search=0x" + Synthetic.FingerprintOf(1))).Text;
        Assert.Equal(3, index.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_very_long_user_id_is_shortened()
    {
        string page = (await _hkp.GetAsync("/pks/lookup?op=index&search=0x" + Synthetic.FingerprintOf(3))).Text;
        Assert.Contains("LLL… [5000-byte user ID]", page, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('L', 513), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_keep_what_crawlers_look_for()
    {
        string page = (await _hkp.GetAsync("/pks/lookup?op=stats")).Text;
        Assert.Contains("Total number of keys: 24<", page, StringComparison.Ordinal);
        foreach (string row in (string[])["Hostname", "Nodename", "Version", "Server contact", "HTTP port"])
            Assert.Contains($"<tr><td>{row}:</td><td>", page, StringComparison.Ordinal);
        Assert.Contains($"<td>{_hkp.EndPoint.Port}</td>", page, StringComparison.Ordinal);

        RawHttpResponse json = await _hkp.GetAsync("/pks/lookup?op=stats&options=json");
        JsonElement root = JsonDocument.Parse(json.Body).RootElement;
        Assert.Equal(24, root.GetProperty("totalKeys").GetInt64());
        Assert.Equal(24, root.GetProperty("daily")[0].GetProperty("new").GetInt64());
        Assert.Equal(1, root.GetProperty("requests").GetProperty("200").GetInt64());
    }

    [Fact]
    public async Task Signers_are_named_when_one_certificate_has_their_key_id()
    {
        // A certification of certificate 1 by the owner of certificate 2.
        byte[] certified = new SignedCertificate(Synthetic.Key(1)).UserId(Hostile).Certify().ThirdParty(Synthetic.Key(2)).Build();
        await _hkp.ImportAsync(certified);
        string page = (await _hkp.GetAsync("/pks/lookup?op=vindex&search=0x" + Synthetic.FingerprintOf(1))).Text;
        Assert.Contains("<bdi>Latin Jörg &lt;l@example.org&gt;</bdi>", page, StringComparison.Ordinal);
        Assert.Contains("<bdi>[selfsig]</bdi>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_index_has_the_fields_of_its_kind()
    {
        RawHttpResponse response = await _hkp.GetAsync("/pks/lookup?op=vindex&options=json&search=0x2CF824B9D9885B678CA9EEFC4C1A2B200FF39039");
        Assert.Equal("application/json; charset=utf-8", response.Header("Content-Type"));
        JsonElement key = Assert.Single(JsonDocument.Parse(response.Body).RootElement.EnumerateArray().ToArray());
        Assert.Equal("2cf824b9d9885b678ca9eefc4c1a2b200ff39039", key.GetProperty("fingerprint").GetString());
        Assert.Equal("2005-11-09T12:56:40Z", key.GetProperty("expiration").GetString());
        Assert.Equal("Alpha Primary Synthshared <alpha@example.org>", key.GetProperty("userIDs")[0].GetProperty("keywords").GetString());
        Assert.Equal(2, key.GetProperty("subKeys").GetArrayLength());
        Assert.Equal(512, key.GetProperty("algorithm").GetProperty("bitLength").GetInt32());
        Assert.NotEqual(0, key.GetProperty("userIDs")[0].GetProperty("signatures").GetArrayLength());
    }
}
