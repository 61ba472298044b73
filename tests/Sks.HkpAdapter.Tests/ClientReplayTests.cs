using System.Text;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests;

/// <summary>Sends what real clients sent, byte for byte.</summary>
public sealed class ClientReplayTests(ClientReplayTests.OneNode shared) : IClassFixture<ClientReplayTests.OneNode>
{
    // What the captured certificate, and one with each address that was searched for, lead to. All others are found.
    private static readonly Dictionary<string, int> Expected = new()
    {
        ["gpg22-fetch-keys-url.txt"] = 404, // GET /key.asc
        ["gpg22-recv-explicit-path.txt"] = 404, // GET /foo
        ["gpg22-recv-keys-302-2.txt"] = 404, // GET /redir/...
        ["gpg22-recv-keys-shortid.txt"] = 404,
        ["gpg22-recv-keys-two-1.txt"] = 404, // a certificate that was not captured
        ["gpg22-search-404.txt"] = 404,
    };

    private readonly HkpFixture _hkp = shared.Hkp;

    public static TheoryData<string> Files => [.. Vectors.ClientRequests];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_request_of_a_real_client_is_understood(string file)
    {
        byte[] request = Vectors.Read("clients", file);
        RawHttpResponse response = await _hkp.ExchangeAsync(request);

        Assert.Equal(Expected.GetValueOrDefault(file, 200), response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Equal(response.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), response.Header("Content-Length"));
        if (response.StatusCode != 200)
            return;

        string target = Encoding.ASCII.GetString(request).Split(' ')[1];
        if (target.Contains("op=get", StringComparison.Ordinal))
        {
            Assert.Equal("application/pgp-keys", response.Header("Content-Type"));
            Assert.EndsWith("\n-----END PGP PUBLIC KEY BLOCK-----\n", response.Text, StringComparison.Ordinal);
            Assert.NotEmpty(Synthetic.Dearmor(response.Body));
        }
        else if (target.Contains("op=index", StringComparison.Ordinal))
        {
            Assert.StartsWith("info:1:1\npub:", response.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("gpg22-locate-plus-email.txt")]
    [InlineData("gpg22-search-plus-email.txt")]
    [InlineData("sq027-keyserver-get-plus-email.txt")]
    [InlineData("hkpclient-js-lookup-keyid-2.txt")]
    public async Task An_address_with_a_plus_is_found_however_it_was_sent(string file)
    {
        RawHttpResponse response = await _hkp.ExchangeAsync(Vectors.Read("clients", file));
        Assert.Equal("1", response.Header("X-HKP-Results-Count"));
        string found = response.Text.StartsWith("info", StringComparison.Ordinal)
            ? response.Text
            : Encoding.UTF8.GetString(Synthetic.Dearmor(response.Body)).Replace("+", "%2B", StringComparison.Ordinal);
        Assert.Contains("user%2Btag", found, StringComparison.Ordinal);
    }

    public sealed class OneNode : IAsyncLifetime
    {
        public HkpFixture Hkp { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Hkp = await HkpFixture.StartAsync();
            Assert.Equal(200, (await Hkp.ExchangeAsync(Vectors.Read("clients", "gpg22-send-keys.txt"))).StatusCode);
            await Hkp.ImportAsync(Synthetic.Certificate(1, "Tag <user+tag@example.org>"));
            await Hkp.ImportAsync(Synthetic.Certificate(2, "Jürgen Müller & söhne+x <jm@example.org>"));
        }

        public ValueTask DisposeAsync() => Hkp.DisposeAsync();
    }
}
