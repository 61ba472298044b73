using System.Text.Json;
using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public sealed class PageTests : IAsyncLifetime
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=y> &amp; \r\npub:x \u202Eevil\u0000 '`{{ <h@example.org>";

    private HkpFixture _hkp = null!;

    public async ValueTask InitializeAsync()
    {
        _hkp = await HkpFixture.StartAsync(Vectors.Dataset, node: new KeyserverOptions { AllowFullView = true });
        await _hkp.ImportAsync(Synthetic.Certificate(1, Hostile));
        await _hkp.ImportAsync(Synthetic.Certificate(2, [.. "Latin J"u8, 0xF6, .. "rg <l@example.org>"u8]));
        await _hkp.ImportAsync(Synthetic.Certificate(3, new string('L', 2000)));
    }

    public ValueTask DisposeAsync() => _hkp.DisposeAsync();

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/pks/lookup?op=stats", 200)]
    [InlineData("/pks/stats", 200)]
    [InlineData("/pks/lookup?op=index&fingerprint=on&hash=on&clean=off&search=0x2CF824B9D9885B678CA9EEFC4C1A2B200FF39039", 200)]
    [InlineData("/pks/lookup?op=vindex&fingerprint=on&hash=on&clean=off&search=0x2CF824B9D9885B678CA9EEFC4C1A2B200FF39039", 200)]
    [InlineData("/pks/lookup?op=vindex&clean=off&search=0xBA60BC20F37E59444D6D25001365720913D2F22D", 200)]
    [InlineData("/pks/lookup?op=x-explain&search=0xBA60BC20F37E59444D6D25001365720913D2F22D", 200)]
    [InlineData("/pks/lookup?op=index&search=alert", 200)]
    [InlineData("/pks/lookup?op=vindex&hash=on&search=alert", 200)]
    [InlineData("/pks/lookup?op=index&search=latin", 200)]
    [InlineData("/pks/lookup?op=vindex&search=%22%3E%3Cb%3Ealert", 404)]
    [InlineData("/pks/lookup?op=get&search=nosuchword", 404)]
    [InlineData("/nowhere", 404)]
    public async Task Pages_are_well_formed(string target, int status)
    {
        RawHttpResponse response = await _hkp.GetAsync(target, "Accept: text/html,*/*\r\n");
        Assert.Equal(status, response.StatusCode);
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
        Assert.Contains("LLL… [2000-byte user ID]", page, StringComparison.Ordinal);
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
        var certified = new SignedCertificate(SigningKey.FromPool(1));
        await _hkp.ImportAsync(certified.Component(OpenPgp.PacketTag.UserId, System.Text.Encoding.UTF8.GetBytes(Hostile)).Certify().ThirdParty(SigningKey.FromPool(2)).Build());
        string page = (await _hkp.GetAsync("/pks/lookup?op=vindex&search=0x" + Synthetic.FingerprintOf(1))).Text;
        Assert.Contains("<bdi>Latin Jörg &lt;l@example.org&gt;</bdi></td><td><span class=\"tag\">by another key, not checked<", page, StringComparison.Ordinal);
        Assert.Contains("<bdi>[selfsig]</bdi></td><td><span class=\"tag good\">made by this key<", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_in_the_owners_name_that_is_not_the_owners_is_shown_as_such()
    {
        SigningKey owner = SigningKey.FromPool(4);
        await _hkp.ImportAsync(new SignedCertificate(owner).UserId("Forged").Certify().ThirdParty(new SigningKey(900), spec => spec.ClaimingIssuer(owner)).Build());
        string page = (await _hkp.GetAsync("/pks/lookup?op=vindex&search=0x" + owner.Fingerprint)).Text;
        Assert.Contains("<bdi>[nobody]</bdi></td><td><span class=\"tag warn\">not made by this key<", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_index_has_the_fields_of_its_kind()
    {
        var certificate = new SignedCertificate(SigningKey.FromPool(5, KeyKind.Rsa));
        certificate.UserId("Json <json@example.org>").Certify(spec => spec.KeyExpiring(3600).Expiring(7200))
            .Subkey(SigningKey.FromPool(6, KeyKind.Curve25519), KeyUse.Encrypt).Revoke(3);
        await _hkp.ImportAsync(certificate.Build());

        RawHttpResponse response = await _hkp.GetAsync("/pks/lookup?op=vindex&options=json&search=json@example.org");
        Assert.Equal("application/json; charset=utf-8", response.Header("Content-Type"));
        JsonElement key = Assert.Single(JsonDocument.Parse(response.Body).RootElement.EnumerateArray().ToArray());
        Assert.Equal(certificate.Primary.Fingerprint.ToString(), key.GetProperty("fingerprint").GetString(), ignoreCase: true);
        Assert.Equal("2019-12-03T01:00:00Z", key.GetProperty("expiration").GetString());
        Assert.True(key.GetProperty("expired").GetBoolean());
        Assert.False(key.GetProperty("revoked").GetBoolean());
        Assert.Equal(2048, key.GetProperty("algorithm").GetProperty("bitLength").GetInt32());
        JsonElement userId = Assert.Single(key.GetProperty("userIDs").EnumerateArray().ToArray());
        Assert.Equal("Json <json@example.org>", userId.GetProperty("keywords").GetString());
        Assert.True(userId.GetProperty("expired").GetBoolean());
        Assert.Equal("proven", userId.GetProperty("signatures")[0].GetProperty("verdict").GetString());
        JsonElement subkey = Assert.Single(key.GetProperty("subKeys").EnumerateArray().ToArray());
        Assert.True(subkey.GetProperty("revoked").GetBoolean());
        Assert.Equal(2, subkey.GetProperty("signatures").GetArrayLength());
    }
}
