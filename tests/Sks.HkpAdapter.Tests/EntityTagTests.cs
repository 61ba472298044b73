using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public sealed class EntityTagTests : IAsyncLifetime
{
    private const uint Day = 86_400;

    private static readonly SigningKey Owner = SigningKey.FromPool(1);

    private readonly SettableTime _time = new(SigningKey.DefaultCreationTime + 100);
    private HkpFixture _hkp = null!;

    private static string Search { get; } = "search=0x" + Owner.Fingerprint;

    public static TheoryData<string> Targets =>
    [
        "op=get", "op=get&options=bin", "op=get&clean=off", "op=index", "op=vindex", "op=index&options=mr", "op=index&options=json", "op=vindex&options=json",
    ];

    public async ValueTask InitializeAsync() =>
        _hkp = await HkpFixture.StartAsync(Expiring.Build(), node: new KeyserverOptions { AllowFullView = true }, time: _time);

    public ValueTask DisposeAsync() => _hkp.DisposeAsync();

    private static SignedCertificate Expiring => new SignedCertificate(Owner).UserId("Tagged").Certify(spec => spec.KeyExpiring(Day));

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task What_a_client_has_is_not_sent_again_until_it_changes(string target)
    {
        string tag = await ReadTagAsync(target);
        Assert.Equal(tag, await ReadTagAsync(target));
        Assert.Matches(target.Contains("op=get&clean=off", StringComparison.Ordinal) ? "^W/\"[^\"]+\"$" : "^\"[^\"]+\"$", tag);
        string opaque = tag[tag.IndexOf('"', StringComparison.Ordinal)..];
        foreach (string known in (string[])[tag, opaque, "W/" + opaque, "*", $"\"other\", {tag}", $"\"a\"\r\nIf-None-Match: {tag}"])
        {
            RawHttpResponse response = await GetAsync(target, $"If-None-Match: {known}\r\n");
            Assert.Equal(304, response.StatusCode);
            Assert.Empty(response.Body);
            Assert.Equal(tag, response.Header("ETag"));
            Assert.Equal("no-cache", response.Header("Cache-Control"));
        }

        foreach (string unknown in (string[])["\"other\"", opaque.Trim('"'), tag[..^2] + "\"", ",,"])
            Assert.Equal(200, (await GetAsync(target, $"If-None-Match: {unknown}\r\n")).StatusCode);

        await _hkp.ImportAsync(Expiring.UserId("Another").Certify().Build());
        RawHttpResponse changed = await GetAsync(target, $"If-None-Match: {tag}\r\n");
        Assert.Equal(200, changed.StatusCode);
        Assert.NotEmpty(changed.Body);
        Assert.NotEqual(tag, changed.Header("ETag"));
    }

    [Fact]
    public async Task Every_form_has_a_tag_of_its_own()
    {
        List<string> tags = [];
        foreach (string target in (string[])[.. Targets.Select(static row => row.Data), "op=index&fingerprint=on", "op=get&clean=off&options=bin"])
            tags.Add(await ReadTagAsync(target));
        Assert.Equal(tags.Distinct(StringComparer.Ordinal), tags);
    }

    [Fact]
    public async Task An_index_changes_when_a_key_expires_and_the_key_itself_does_not()
    {
        string[] targets = ["op=get", "op=index", "op=vindex", "op=index&options=mr", "op=index&options=json"];
        List<string> before = [];
        foreach (string target in targets)
            before.Add(await ReadTagAsync(target));
        _time.Seconds += Day;
        for (int i = 0; i < targets.Length; i++)
            Assert.Equal(targets[i] == "op=get", before[i] == await ReadTagAsync(targets[i]));
    }

    [Fact]
    public async Task HEAD_is_told_the_same()
    {
        string tag = await ReadTagAsync("op=get");
        RawHttpResponse head = await _hkp.ExchangeAsync($"HEAD /pks/lookup?op=get&{Search} HTTP/1.0\r\n\r\n");
        Assert.Equal(tag, head.Header("ETag"));
        Assert.Equal(304, (await _hkp.ExchangeAsync($"HEAD /pks/lookup?op=get&{Search} HTTP/1.0\r\nIf-None-Match: {tag}\r\n\r\n")).StatusCode);
    }

    [Fact]
    public async Task Several_certificates_have_one_tag_that_changes_with_each_of_them()
    {
        await _hkp.ImportAsync(new SignedCertificate(SigningKey.FromPool(2)).UserId("Tagged too").Certify().Build());
        string both = await ReadTagAsync("op=get", "search=tagged");
        Assert.NotEqual(both, await ReadTagAsync("op=get&limit=1", "search=tagged"));
        await _hkp.ImportAsync(new SignedCertificate(SigningKey.FromPool(2)).UserId("Tagged as well").Certify().Build());
        Assert.NotEqual(both, await ReadTagAsync("op=get", "search=tagged"));
    }

    private Task<RawHttpResponse> GetAsync(string target, string headers = "") => _hkp.GetAsync($"/pks/lookup?{target}&{Search}", headers);

    private async Task<string> ReadTagAsync(string target, string? search = null) =>
        (await _hkp.GetAsync($"/pks/lookup?{target}&{search ?? Search}")).Header("ETag")!;

    private sealed class SettableTime(long seconds) : TimeProvider
    {
        public long Seconds { get; set; } = seconds;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(Seconds);
    }
}
