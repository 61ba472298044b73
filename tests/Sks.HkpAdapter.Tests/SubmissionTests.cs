using System.Text;
using System.Text.Json;
using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public sealed class SubmissionTests : IAsyncLifetime
{
    private const string Name = "Very Private <private.person@example.org>";

    // SKS → ours. SKS answers 200 also when nothing was stored, and 500 for whatever it cannot read.
    private static readonly Dictionary<string, int> OtherStatus = new()
    {
        ["add with only plus escaped"] = 200,
        ["add with field before keytext"] = 200,
        ["add without CRC line"] = 200,
        ["add with wrong CRC"] = 200,
        ["add garbage"] = 422,
        ["add empty body"] = 400,
        ["add empty keytext"] = 400,
        ["add no keytext"] = 400,
        ["add empty armor"] = 422,
        ["add private block header"] = 422,
        ["add armor of garbage packets"] = 422,
        ["add truncated key"] = 422,
        ["add bad: subkey-before-uid"] = 422,
        ["add bad: v3-with-subkey"] = 422,
        ["add bad: trust-packet-inside"] = 422,
        ["add bad: version-5-key"] = 422,
        ["add bad: standalone-revocation"] = 422,
        ["add bad: standalone-signature"] = 422,
        ["add bad: uid-first"] = 422,
        ["add bad: secret-key"] = 422,
        ["add bad: private-packet-60"] = 422,
        ["add with partial-length packet"] = 422,
    };

    private HkpFixture _hkp = null!;

    public async ValueTask InitializeAsync() => _hkp = await HkpFixture.StartAsync();

    public ValueTask DisposeAsync() => _hkp.DisposeAsync();

    [Fact]
    public async Task Additions_are_answered_as_by_SKS_or_better()
    {
        var options = new KeyserverOptions();
        options.Ingest.Submissions = SubmissionPolicy.Full; // hardly anything in the exchanges is really signed
        await using HkpFixture hkp = await HkpFixture.StartAsync(Vectors.Dataset, node: options);
        List<string> wrong = [];
        foreach (SksExchange exchange in Vectors.SksExchanges.Where(static e => e.Target == "/pks/add" && e.Name.StartsWith("add", StringComparison.Ordinal)))
        {
            RawHttpResponse response = await hkp.ExchangeAsync(exchange.RequestBytes);
            int expected = OtherStatus.GetValueOrDefault(exchange.Name, exchange.Status);
            if (response.StatusCode != expected)
                wrong.Add($"{exchange.Name}: {response.StatusCode} instead of {expected}: {response.Text}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Outcomes_are_told_by_fingerprint()
    {
        string fingerprint = Synthetic.FingerprintOf(1).ToString();
        byte[] certificate = Synthetic.Certificate(1, Name);
        Assert.Equal($"1 added, 0 updated, 0 unchanged, 0 rejected\nadded {fingerprint}\n", (await _hkp.SubmitAsync(certificate)).Text);
        Assert.Equal($"0 added, 0 updated, 1 unchanged, 0 rejected\nunchanged {fingerprint}\n", (await _hkp.SubmitAsync(certificate)).Text);
        RawHttpResponse updated = await _hkp.SubmitAsync(Synthetic.Certificate(1, "Another <other@example.org>"), "&options=nm");
        Assert.Equal($"0 added, 1 updated, 0 unchanged, 0 rejected\nupdated {fingerprint}\n", updated.Text);
    }

    [Theory]
    [InlineData("&options=mr")]
    [InlineData("&options=json")]
    public async Task Programs_get_json(string options)
    {
        byte[] bad = [0x98, 0x05, 5, 1, 2, 3, 4];
        RawHttpResponse response = await _hkp.SubmitAsync([.. Synthetic.Certificate(1, Name), .. bad], options);
        Assert.Equal(200, response.StatusCode);
        JsonElement json = JsonDocument.Parse(response.Body).RootElement;
        Assert.Equal(Synthetic.FingerprintOf(1).ToString(), json.GetProperty("inserted")[0].GetProperty("fingerprint").GetString(), ignoreCase: true);
        Assert.Equal(4, json.GetProperty("inserted")[0].GetProperty("version").GetInt32());
        Assert.Equal(1, json.GetProperty("invalid").GetArrayLength());
        foreach (string empty in (string[])["updated", "deleted", "ignored"])
            Assert.Equal(0, json.GetProperty(empty).GetArrayLength());
    }

    [Fact]
    public async Task Secret_keys_are_refused_and_nothing_of_them_is_kept_or_logged()
    {
        byte[] secret = Synthetic.SecretKey(1, Name);
        string named = Synthetic.Armor(secret).Replace("PUBLIC", "PRIVATE", StringComparison.Ordinal);
        RawHttpResponse[] responses =
        [
            await _hkp.SubmitAsync(secret),
            await _hkp.PostAsync("/pks/add", Encoding.ASCII.GetBytes("keytext=" + Uri.EscapeDataString(named))),
            await _hkp.PostAsync("/pks/add", Encoding.ASCII.GetBytes(Synthetic.Armor(Synthetic.Certificate(2, Name)) + named), "Content-Type: application/pgp-keys\r\n"),
            await _hkp.PostAsync("/pks/add", secret, "Content-Type: application/pgp-keys\r\n"),
        ];
        foreach (RawHttpResponse response in responses)
        {
            Assert.Equal(422, response.StatusCode);
            Assert.Contains("SECRET", response.Text, StringComparison.Ordinal);
        }

        Assert.Equal(0, _hkp.Node.GetStatistics().Certificates);
        Assert.DoesNotContain(_hkp.Loggers.Lines, static line => line.Contains("rivate.person", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_secret_key_among_others_is_an_error_although_they_are_stored()
    {
        RawHttpResponse response = await _hkp.SubmitAsync([.. Synthetic.Certificate(1, Name), .. Synthetic.SecretKey(2, Name)]);
        Assert.Equal(422, response.StatusCode);
        Assert.StartsWith("1 added, 0 updated, 0 unchanged, 1 rejected\n", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_addresses_nor_searches_appear_in_the_log()
    {
        await _hkp.SubmitAsync(Synthetic.Certificate(1, Name));
        await _hkp.GetAsync("/pks/lookup?op=index&search=private.person@example.org");
        await _hkp.GetAsync("/pks/lookup?op=nonsense&search=private.person@example.org");
        await _hkp.ExchangeAsync("GET /private.person@example.org HTTP/9.9\r\n\r\n");
        await _hkp.ExchangeAsync("private.person@example.org\r\n\r\n");
        Assert.NotEmpty(_hkp.Loggers.Lines);
        Assert.DoesNotContain(_hkp.Loggers.Lines, static line => line.Contains("private", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Browsers_get_a_page()
    {
        string body = "keytext=" + Uri.EscapeDataString(Synthetic.Armor(Synthetic.Certificate(1, Name)));
        RawHttpResponse response = await _hkp.PostAsync("/pks/add", Encoding.ASCII.GetBytes(body), "Accept: text/html\r\n");
        Assert.Equal("text/html; charset=utf-8", response.Header("Content-Type"));
        HtmlCheck.IsWellFormed(response.Text);
        Assert.DoesNotContain("Private", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nothing_proves_is_refused_with_a_reason()
    {
        RawHttpResponse response = await _hkp.SubmitAsync(Synthetic.Unproven(1, Name));
        Assert.Equal(422, response.StatusCode);
        Assert.Contains($"rejected {Synthetic.FingerprintOf(1)}: Nothing in it is signed by its own key", response.Text, StringComparison.Ordinal);
        Assert.Equal(0, _hkp.Node.GetStatistics().Certificates);
    }

    [Theory]
    [InlineData("PUBLIC KEY BLOCK")]
    [InlineData("SIGNATURE")]
    public async Task A_bare_revocation_finds_its_key(string blockType)
    {
        SigningKey key = SigningKey.FromPool(1);
        byte[] revocation = Synthetic.Packet(OpenPgp.PacketTag.Signature, new SignedCertificate(key).RevokeKey(0).LastSignature);
        string armor = Synthetic.Armor(revocation).Replace("PUBLIC KEY BLOCK", blockType, StringComparison.Ordinal);
        byte[] form = Encoding.ASCII.GetBytes("keytext=" + Uri.EscapeDataString("This is a revocation certificate.\n\n" + armor));

        RawHttpResponse early = await _hkp.PostAsync("/pks/add", form);
        Assert.Equal(422, early.StatusCode);
        Assert.Contains("no key that is stored here made it", early.Text, StringComparison.Ordinal);

        await _hkp.SubmitAsync(Synthetic.Certificate(1, Name));
        Assert.Equal(200, (await _hkp.PostAsync("/pks/add", form)).StatusCode);
        Assert.Contains("::r\n", (await _hkp.GetAsync("/pks/lookup?op=index&options=mr&search=0x" + key.Fingerprint)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revocation_that_GnuPG_guards_is_not_published_by_mistake()
    {
        SigningKey key = SigningKey.FromPool(1);
        await _hkp.SubmitAsync(Synthetic.Certificate(1, Name));
        byte[] revocation = Synthetic.Packet(OpenPgp.PacketTag.Signature, new SignedCertificate(key).RevokeKey(0).LastSignature);
        foreach (string before in (string[])["", "To avoid an accidental use of this file, a colon has been inserted\n"])
        {
            RawHttpResponse response = await _hkp.PostAsync(
                "/pks/add", Encoding.ASCII.GetBytes("keytext=" + Uri.EscapeDataString(before + ":" + Synthetic.Armor(revocation))));
            Assert.Equal(422, response.StatusCode);
            Assert.Contains("remove the colon", response.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_nm_a_submission_is_stored_whole_or_not_at_all()
    {
        byte[] partly = new SignedCertificate(SigningKey.FromPool(1)).UserId(Name).Certify().UserId("Not signed").Build();
        RawHttpResponse refused = await _hkp.SubmitAsync([.. Synthetic.Certificate(2, Name), .. partly], "&options=nm");
        Assert.Equal(422, refused.StatusCode);
        Assert.Contains("Nothing was stored", refused.Text, StringComparison.Ordinal);
        Assert.Equal(0, _hkp.Node.GetStatistics().Certificates);

        Assert.StartsWith("2 added", (await _hkp.SubmitAsync([.. Synthetic.Certificate(2, Name), .. partly])).Text, StringComparison.Ordinal);
        Assert.StartsWith("1 added", (await _hkp.SubmitAsync(Synthetic.Certificate(3, Name), "&options=nm")).Text, StringComparison.Ordinal);
    }
}
