using System.Text;
using System.Text.Json;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.Node.Peers;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

public sealed class MemberFetchTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_fetches_full_views_by_digest()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(
            Synthetic.Certificate(1, "Alice"), recon: new ReconOptions { Listen = ["off"], Peers = ["127.0.0.1:11370"] });
        byte[] request = Request(hkp.Node.ReadAll(ServedView.Full).Single().Stored.SksDigest!.Value);

        RawHttpResponse response = await hkp.ExchangeAsync(request);

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("1", response.Header("X-HKP-Results-Count"));
        Assert.Equal("pgp/keys", response.Header("Content-Type"));
    }

    [Fact]
    public async Task Who_stops_being_a_member_is_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Combine("membership");
        await File.WriteAllTextAsync(file, "127.0.0.1 11370\n", Ended);
        await using HkpFixture hkp = await HkpFixture.StartAsync(recon: new ReconOptions { Listen = ["off"], MembershipFile = file });
        Assert.Equal(200, (await hkp.PostAsync("/pks/hashquery", [0, 0, 0, 0])).StatusCode);

        await File.WriteAllTextAsync(file, "# nobody\n", Ended);
        await hkp.Members!.RefreshAsync(resolve: false, Ended);

        Assert.Equal(403, (await hkp.PostAsync("/pks/hashquery", [0, 0, 0, 0])).StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    public async Task A_member_is_not_believed_from_a_header(string header)
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(recon: new ReconOptions { Listen = ["off"], Peers = ["192.0.2.1:11370"] });

        RawHttpResponse response = await hkp.PostAsync("/pks/hashquery", [0, 0, 0, 0], $"{header}: 192.0.2.1\r\n");

        Assert.Equal(403, response.StatusCode);
        Assert.Contains("allow-full-view", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_have_the_rows_of_peers_that_crawlers_look_for()
    {
        var options = new ReconOptions { Listen = ["127.0.0.2:4000"], Peers = ["127.0.0.3:11370", "127.0.0.2:4000", "[2001:db8::1]:11370"] };
        await using HkpFixture hkp = await HkpFixture.StartAsync(recon: options);
        var contact = new DateTimeOffset(2026, 3, 1, 12, 34, 56, TimeSpan.Zero);
        hkp.Node.Peers.Update("127.0.0.3 11370", status => status with
        {
            LastContact = contact,
            LastRole = PeerRole.Responder,
            LastDifferences = 17,
            Differences = 39,
            Errors = 4,
            Aliases = 2,
            Ineffective = 1,
            BytesSent = 5,
            LastError = "the words of an error",
        });

        string page = (await hkp.GetAsync("/pks/lookup?op=stats")).Text;
        string json = (await hkp.GetAsync("/pks/lookup?op=stats&options=json")).Text;

        HtmlCheck.IsWellFormed(page);
        Assert.Contains("Gossip Peers", page, StringComparison.Ordinal);
        foreach (string peer in (string[])["127.0.0.3 11370", "127.0.0.2 4000", "2001:db8::1 11370"])
            Assert.Contains($"<tr><td>{peer}</td></tr>", page, StringComparison.Ordinal);
        Assert.Contains("<tr><td>Recon port:</td><td>4000</td></tr>", page, StringComparison.Ordinal);
        Assert.Contains(
            "<th scope=\"row\">127.0.0.3 11370</th><td>2026-03-01 12:34:56 UTC</td><td>responder</td><td class=\"number\">17</td><td class=\"number\">4</td>",
            page,
            StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">127.0.0.2 4000</th><td>this server</td>", page, StringComparison.Ordinal);

        JsonElement root = JsonDocument.Parse(json).RootElement;
        Assert.Equal(4000, root.GetProperty("reconPort").GetInt32());
        JsonElement peers = root.GetProperty("peers");
        Assert.Equal(3, peers.GetArrayLength());
        JsonElement busy = peers.EnumerateArray().Single(static peer => peer.GetProperty("name").GetString() == "127.0.0.3 11370");
        Assert.Equal("sks", busy.GetProperty("kind").GetString());
        Assert.Equal("2026-03-01T12:34:56Z", busy.GetProperty("lastContact").GetString());
        Assert.Equal("responder", busy.GetProperty("lastRole").GetString());
        Assert.Equal(17, busy.GetProperty("lastDifferences").GetInt64());
        Assert.Equal(39, busy.GetProperty("differences").GetInt64());
        Assert.Equal(4, busy.GetProperty("errors").GetInt64());
        Assert.Equal(1, busy.GetProperty("ineffective").GetInt32());
        Assert.DoesNotContain("the words of an error", page + json, StringComparison.Ordinal);
    }

    // As SKS sends it: version 1.0, no Host, names in lower case.
    private static byte[] Request(OpenPgp.SksDigest digest)
    {
        byte[] body = [0, 0, 0, 1, 0, 0, 0, 16, .. Convert.FromHexString(digest.ToString())];
        return [.. Encoding.ASCII.GetBytes($"POST /pks/hashquery HTTP/1.0\r\ncontent-length: {body.Length}\r\n\r\n"), .. body];
    }
}
