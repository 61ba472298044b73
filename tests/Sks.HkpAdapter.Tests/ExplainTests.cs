using System.Text.Json;
using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public sealed class ExplainTests
{
    private const string Abuse = "<b>Abusive</b> text";

    private static readonly SigningKey Owner = SigningKey.FromPool(1);

    private static string Target { get; } = "/pks/lookup?op=x-explain&search=0x" + Owner.Fingerprint;

    private static byte[] WithAbuse =>
        new SignedCertificate(Owner).UserId("Kept").Certify().ThirdParty(new SigningKey(900), static spec => spec.Local()).UserId(Abuse).Build();

    [Fact]
    public async Task Every_packet_is_explained_and_unproven_text_is_not_repeated()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(WithAbuse);
        JsonElement certificate = Assert.Single(JsonDocument.Parse((await hkp.GetAsync(Target + "&options=json")).Body).RootElement.EnumerateArray().ToArray());
        Assert.Equal(Owner.Fingerprint.ToString(), certificate.GetProperty("fingerprint").GetString(), ignoreCase: true);
        Assert.Equal(
            [("public-key", "kept", true), ("user-id", "kept", true), ("signature", "kept", true), ("signature", "not-exportable", false), ("user-id", "unproven", false)],
            certificate.GetProperty("packets").EnumerateArray()
                .Select(static packet => (packet.GetProperty("packet").GetString()!, packet.GetProperty("fate").GetString()!, packet.GetProperty("inCleanView").GetBoolean()))
                .OrderBy(static packet => (packet.Item1 == "public-key" ? 0 : 1, packet.Item2 == "unproven" ? 1 : 0, packet.Item1 == "signature" ? 1 : 0, packet.Item2 == "kept" ? 0 : 1)));
        Assert.Equal((5, 5, 3), (certificate.GetProperty("packetCount").GetInt32(), certificate.GetProperty("fullViewCount").GetInt32(), certificate.GetProperty("cleanViewCount").GetInt32()));

        RawHttpResponse page = await hkp.GetAsync(Target);
        HtmlCheck.IsWellFormed(page.Text);
        Assert.Contains("no signature of the certificate&#x27;s own key supports it", page.Text, StringComparison.Ordinal);
        Assert.Contains("<bdi>Kept</bdi>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Abusive", page.Text + (await hkp.GetAsync(Target + "&options=json&clean=off")).Text, StringComparison.Ordinal);
        Assert.Contains($"<td class=\"number\">{Abuse.Length}</td><td><strong>user ID</strong> <span class=\"mono\">SHA-256 ", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_can_allow_all_of_it()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(WithAbuse, node: new KeyserverOptions { AllowFullView = true });
        string page = (await hkp.GetAsync(Target)).Text;
        HtmlCheck.IsWellFormed(page);
        Assert.Contains("&lt;b&gt;Abusive&lt;/b&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_certificate_is_told_in_parts()
    {
        var certificate = new SignedCertificate(Owner);
        for (int i = 0; i < 1200; i++)
            certificate.UserId($"Junk {i}");
        certificate.UserId("Kept").Certify();
        await using HkpFixture hkp = await HkpFixture.StartAsync(certificate.Build());

        List<int> parts = [];
        HashSet<string> hashes = [];
        for (int offset = 0; offset < 2000; offset += 500)
        {
            JsonElement part = JsonDocument.Parse((await hkp.GetAsync($"{Target}&options=json&offset={offset}")).Body).RootElement[0].GetProperty("packets");
            parts.Add(part.GetArrayLength());
            hashes.UnionWith(part.EnumerateArray().Select(static packet => packet.GetProperty("sha256Prefix").GetString()!));
        }

        Assert.Equal([500, 500, 203, 0], parts);
        Assert.Equal(1203, hashes.Count);
        string page = (await hkp.GetAsync(Target)).Text;
        HtmlCheck.IsWellFormed(page);
        Assert.Contains("&amp;offset=500\">Packets from 501</a>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Packets from", (await hkp.GetAsync(Target + "&offset=1000")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/pks/lookup?op=x-explain", 400)]
    [InlineData("/pks/lookup?op=x-explain&search=someone", 400)]
    [InlineData("/pks/lookup?op=x-explain&search=0x0123456789ABCDEF", 400)]
    [InlineData("/pks/lookup?op=x-explain&search=0x0123456789ABCDEF0123456789ABCDEF01234567", 404)]
    [InlineData("/pks/lookup?op=x-explain&offset=-1&search=0x0123456789ABCDEF0123456789ABCDEF01234567", 400)]
    public async Task Only_a_fingerprint_will_do(string target, int status)
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync();
        Assert.Equal(status, (await hkp.GetAsync(target)).StatusCode);
    }

    [Fact]
    public async Task An_index_entry_leads_to_it()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(WithAbuse);
        string link = $"<a href=\"/pks/lookup?op=x-explain&amp;search=0x{Owner.Fingerprint}\">";
        foreach (string operation in (string[])["index", "vindex"])
            Assert.Contains(link, (await hkp.GetAsync($"/pks/lookup?op={operation}&search=0x{Owner.Fingerprint}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_count_what_is_left_out()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(WithAbuse);
        JsonElement statistics = JsonDocument.Parse((await hkp.GetAsync("/pks/stats?options=json")).Body).RootElement;
        Assert.Equal(1, statistics.GetProperty("leftOut").GetProperty("unproven").GetInt64());
        Assert.Equal(1, statistics.GetProperty("leftOut").GetProperty("not-exportable").GetInt64());
        Assert.Equal(hkp.Node.GetStatistics().ServedPolicy, statistics.GetProperty("policyVersion").GetInt32());
        Assert.Equal(0, statistics.GetProperty("viewMigration").GetProperty("total").GetInt64());
        string page = (await hkp.GetAsync("/pks/stats")).Text;
        Assert.Contains("<td>no signature of the certificate&#x27;s own key supports it</td><td class=\"number\">1</td>", page, StringComparison.Ordinal);
        Assert.Contains("made by policy 1.", page, StringComparison.Ordinal);
    }
}
