using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sks.Node;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests;

/// <summary>Asks what a real SKS was asked and compares the answers; where they differ, the difference is listed here.</summary>
/// <remarks>
/// Most of its certificates were made up, and nothing in them is really signed: SKS shows them, we do in the full view. So what asks by key ID,
/// fingerprint or digest asks for that here; words of unproven user IDs, and unproven subkeys, find nothing.
/// </remarks>
public sealed partial class SksReplayTests(SksReplayTests.OneNode shared) : IClassFixture<SksReplayTests.OneNode>
{
    // SKS → ours, with the reason.
    private static readonly Dictionary<string, int> OtherStatus = new()
    {
        ["/pks/lookup?op=index&search=0xF959D2F3EDFE2F55A4A4E82E783277B5"] = 200, // version 3 fingerprints work
        ["/pks/lookup?op=get&options=mr&limit=0&search=synthshared"] = 400, // nothing cannot be asked for
        ["/pks/lookup?op=index&limit=abc&search=synthshared"] = 400,
        ["/pks/lookup?op=index&options=mr&limit=-5&search=synthshared"] = 400,
        ["/pks/lookup?op=hget&search=0xD46130D82363B2B58EDE12AE7FD231A4"] = 200, // 0x is allowed
        ["/pks/lookup?op=hget&search=00000000000000000000000000000000"] = 404,
        ["/pks/lookup?op=hget&search=1234"] = 400,
        ["/pks/lookup?op=hget&search=zz"] = 400,
        ["/pks/lookup?op=hget"] = 400,
        ["/pks/lookup?op=index&search="] = 400,
        ["/pks/lookup?op=index"] = 400,
        ["/pks/lookup?op=get"] = 400,
        ["/pks/lookup?op=index&search=0x"] = 400,
        ["/pks/lookup?op=index&search=0x12"] = 400,
        ["/pks/lookup?op=index&search=0x123456"] = 400,
        ["/pks/lookup?op=index&search=0x1234567"] = 400,
        ["/pks/lookup?op=index&search=0xZZZZZZZZ"] = 400,
        ["/pks/lookup?op=index&search=0x123456789012"] = 400,
        ["/pks/lookup?op=get&search=73B0FE6E26734083FF8B736DCF4DA3D227B7D898"] = 200, // 0x may be missing
        ["/pks/lookup?op=index&search=%22debian+archive%22&exact=on"] = 404, // exact means exact
        ["/pks/lookup?op=index&options=mr&search=debian%zz"] = 404, // what is no escape stays as it is
        ["/pks/lookup?op=index&foo&search=debian"] = 200, // a part without '=' is passed over
        ["/pks/lookup?"] = 400,
        ["/pks/lookup"] = 400,
    };

    private readonly HkpFixture _hkp = shared.Hkp;

    public static TheoryData<SksExchange> Lookups =>
        [.. Vectors.SksExchanges.TakeWhile(static e => e.Name != "index.html created after start: /").Where(static e => e.Target.StartsWith("/pks/lookup", StringComparison.Ordinal) && !e.Target.StartsWith("/pks/lookup/", StringComparison.Ordinal))];

    public static TheoryData<SksExchange> HashQueries =>
        [.. Vectors.SksExchanges.Where(static e => e.Target == "/pks/hashquery" && e.RequestLine.StartsWith("POST", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Lookups))]
    public async Task Lookups_are_answered_as_by_SKS_or_better(SksExchange exchange)
    {
        bool isFull = HexSearch().IsMatch(exchange.Target);
        RawHttpResponse response = await _hkp.ExchangeAsync(HexSearch().Replace(exchange.Request, "clean=off&$0", 1));
        Assert.Equal(StatusFor(exchange), response.StatusCode);
        if (response.StatusCode != 200 || exchange.Status != 200)
            return;

        string? count = CountHeader().Match(exchange.Response) is { Success: true } match ? match.Groups[1].Value : null;
        Assert.Equal(count, response.Header("X-HKP-Results-Count"));
        if (exchange.Body.AsSpan().StartsWith("info:"u8))
            Assert.Equal(Normalise(exchange.Body, isFull), Normalise(response.Body, isFull));
        else if (exchange.Body.AsSpan().StartsWith("-----BEGIN"u8))
            AssertSameKeys(Synthetic.Dearmor(exchange.Body), Synthetic.Dearmor(response.Body), exchange);
    }

    [Theory]
    [MemberData(nameof(HashQueries))]
    public async Task Hash_queries_are_answered_byte_for_byte_as_by_SKS(SksExchange exchange)
    {
        RawHttpResponse response = await _hkp.ExchangeAsync(exchange.RequestBytes);
        Assert.Equal(exchange.Status == 500 ? 400 : exchange.Status, response.StatusCode);
        if (response.StatusCode != 200)
            return;
        byte[] expected = [.. exchange.Body, 13, 10];
        if (exchange.Name == "hashquery key with unparseable signature (not cleaned)")
            Assert.Equal(Synthetic.Packets(expected[8..^2]), Synthetic.Packets(response.Body[8..^2])); // its order differs, see below
        else
            Assert.Equal(expected, response.Body);
        Assert.Equal("pgp/keys", response.Header("Content-Type"));
        Assert.Equal(CountHeader().Match(exchange.Response).Groups[1].Value, response.Header("X-HKP-Results-Count"));
        Assert.Null(response.Header("Transfer-Encoding"));
    }

    // The digest does not depend on the order of signatures, and the certificate without readable ones had been merged in SKS, which
    // put them in an order. Where SKS was asked to clean it left out what it could not read: that is in the full view.
    private static void AssertSameKeys(byte[] expected, byte[] actual, SksExchange exchange)
    {
        if (exchange.Target.Contains("clean=off", StringComparison.Ordinal))
            Assert.Equal(Synthetic.Packets(expected), Synthetic.Packets(actual));
        else if (Unreadable().IsMatch(exchange.Target))
            Assert.ProperSuperset(Synthetic.Packets(expected).ToHashSet(), Synthetic.Packets(actual).ToHashSet());
        else
            Assert.Equal(expected, actual);
    }

    private static int StatusFor(SksExchange exchange)
    {
        if (OtherStatus.TryGetValue(exchange.Target, out int status))
            return status;
        if (ShortKeyId().IsMatch(exchange.Target) || Unproven().IsMatch(exchange.Target))
            return 404;
        if (!exchange.Target.Contains("op=", StringComparison.Ordinal))
            return 400; // SKS takes a missing operation for index
        return UnknownOperation().IsMatch(exchange.Target) ? 501 : exchange.Status;
    }

    /// <summary>
    /// One line per certificate: fields of pub, then its user IDs unescaped and sorted. Attributes and expiry marks, which differ, left
    /// out.
    /// </summary>
    /// <param name="index">The index.</param>
    /// <param name="isFull">Whether it is of the full view: what nobody has signed says nothing about times and revocations.</param>
    private static List<string> Normalise(byte[] index, bool isFull)
    {
        List<string> certificates = [];
        List<string> userIds = [];
        void EndCertificate()
        {
            userIds.Sort(StringComparer.Ordinal);
            if (certificates.Count > 0)
                certificates[^1] += string.Concat(userIds);
            userIds.Clear();
        }

        foreach (string line in Encoding.Latin1.GetString(index).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.TrimEnd('\r').Split(':');
            if (fields[0] == "info")
                certificates.Add(line);
            else if (fields[0] == "uid")
                userIds.Add($"\n  {Unescape(fields[1])}{(isFull ? "" : $" {fields[2]} {fields[3]}")}");
            else if (fields[0] == "pub")
            {
                EndCertificate();
                fields[6] = fields[6].Replace("e", "", StringComparison.Ordinal);
                certificates.Add(string.Join(':', fields[..(isFull ? 5 : 7)]));
            }
        }

        EndCertificate();
        return certificates;
    }

    private static string Unescape(string text) => Escape().Replace(text, static match => match.Value == "%%"
        ? "%"
        : ((char)byte.Parse(match.Value.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString());

    public sealed class OneNode : IAsyncLifetime
    {
        public HkpFixture Hkp { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Hkp = await HkpFixture.StartAsync(Vectors.Dataset, node: new KeyserverOptions { AllowFullView = true });

        public ValueTask DisposeAsync() => Hkp.DisposeAsync();
    }

    [GeneratedRegex("%(%|[0-9A-F]{2})")]
    private static partial Regex Escape();

    [GeneratedRegex("X-HKP-Results-Count: ([0-9]+)")]
    private static partial Regex CountHeader();

    [GeneratedRegex("search=(0[xX])?[0-9A-Fa-f]{16,}")]
    private static partial Regex HexSearch();

    [GeneratedRegex("search=(synthshared|[Jj]%(F6|D6|C3%B6)(rg|RG)|longuid|utf8|script|unkalg|badsig|nosig|a%26b|0x(D0C567F56CC740EF187A2B58)?A8539D46B7131648)$")]
    private static partial Regex Unproven();

    [GeneratedRegex("D1BD65115CBB5F60A88CF84950AA7506")]
    private static partial Regex Unreadable();

    [GeneratedRegex("search=0x[0-9A-Fa-f]{8}$")]
    private static partial Regex ShortKeyId();

    [GeneratedRegex("op=(photo|x-unknown|INDEX)&")]
    private static partial Regex UnknownOperation();
}
