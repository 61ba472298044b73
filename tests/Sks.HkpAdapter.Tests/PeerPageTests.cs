using System.Net;
using System.Text;
using System.Text.Json;
using Sks.HkpAdapter.Http;
using Sks.HkpAdapter.Pages;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Tests;

/// <summary>What everybody gets to see of peers.</summary>
public class PeerPageTests
{
    private static readonly string Id = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    private static readonly PeerStatus Modern = new(Id)
    {
        Kind = PeerKind.Modern,
        Addresses = [IPAddress.Parse("192.0.2.77")],
        EndPoints = ["secret.example.org:11373"],
        IsConnected = true,
        LastDifferences = 3,
        LastError = "at secret.example.org",
        Phantoms = 5,
        Sent = 6,
        PolicyVersion = 1,
    };

    [Fact]
    public void The_page_has_the_start_of_a_nodes_id_and_not_where_it_is()
    {
        var html = new Markup();
        PeerTables.Write(html, [Modern]);
        string page = Encoding.UTF8.GetString(html.Written.Span);

        Assert.Contains($"<th scope=\"row\">{Id[..16]}</th><td>connected</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Gossip Peers", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Crawlers_find_SKS_servers_alone()
    {
        var html = new Markup();
        PeerTables.Write(html, [Modern, new PeerStatus("one.example.org 11370")]);
        string page = Encoding.UTF8.GetString(html.Written.Span);

        string gossip = page[page.IndexOf("Gossip Peers", StringComparison.Ordinal)..page.IndexOf("Reconciliation", StringComparison.Ordinal)];
        Assert.Contains("<tr><td>one.example.org 11370</td></tr>", gossip, StringComparison.Ordinal);
        Assert.DoesNotContain(Id[..16], gossip, StringComparison.Ordinal);
    }

    [Fact]
    public void The_JSON_form_has_a_nodes_id_and_numbers_and_not_where_it_is()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            PeerJson.Write(json, [Modern]);
            json.WriteEndObject();
        }

        string text = Encoding.UTF8.GetString(stream.ToArray());
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement peer = document.RootElement.GetProperty("peers")[0];
        Assert.Equal(Id, peer.GetProperty("name").GetString());
        Assert.Equal("modern", peer.GetProperty("kind").GetString());
        Assert.True(peer.GetProperty("connected").GetBoolean());
        Assert.Equal(5, peer.GetProperty("phantoms").GetInt32());
        Assert.Equal(6, peer.GetProperty("sent").GetInt64());
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.77", text, StringComparison.Ordinal);
    }
}
