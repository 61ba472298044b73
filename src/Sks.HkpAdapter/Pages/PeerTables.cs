using System.Globalization;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Pages;

/// <summary>The peers on the page of statistics.</summary>
/// <remarks>
/// Crawlers of the SKS network find their way from server to server by the rows under <c>Gossip Peers</c>: one cell each, <c>host port</c>, as SKS writes
/// them. How it goes is in a table of its own, so that these rows stay as they are. Servers of our own kind are in that table alone, by the start of their
/// id: no crawler could make anything of them, and where they are is between their operators.
/// </remarks>
internal static class PeerTables
{
    private const int ShortIdDigits = 16;

    /// <summary>Writes both tables; nothing where there are no peers.</summary>
    public static void Write(Markup html, IReadOnlyList<PeerStatus> peers)
    {
        if (peers.Count == 0)
            return;

        html.Raw("<div class=\"columns\">\n");
        WriteGossipPeers(html, [.. peers.Where(static peer => peer.Kind == PeerKind.Sks)]);
        html.Raw("""
            <section class="card">
            <h2>Reconciliation</h2>
            <table>
            <thead><tr><th>Peer</th><th>Last contact</th><th>Role</th><th class="number">Differences</th><th class="number">Errors</th></tr></thead>
            <tbody>

            """);
        foreach (PeerStatus peer in peers)
            WriteRow(html, peer);
        html.Raw("</tbody>\n</table>\n</section>\n</div>\n");
    }

    private static void WriteGossipPeers(Markup html, IReadOnlyList<PeerStatus> peers)
    {
        if (peers.Count == 0)
            return;

        html.Raw("<section class=\"card\">\n<h2>Gossip Peers</h2>\n<table>\n");
        foreach (PeerStatus peer in peers)
            html.Add($"<tr><td>{peer.Name}</td></tr>\n");
        html.Raw("</table>\n</section>\n");
    }

    private static void WriteRow(Markup html, PeerStatus peer)
    {
        string contact = peer switch
        {
            { IsSelf: true } => "this server",
            { IsConnected: true } => "connected",
            { LastContact: { } time } => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture),
            _ => "never",
        };
        string role = peer.LastRole is { } known ? PeerText.Of(known) : "";
        string name = peer.Kind == PeerKind.Modern && peer.Name.Length > ShortIdDigits ? peer.Name[..ShortIdDigits] : peer.Name;
        html.Add($"<tr><th scope=\"row\">{name}</th><td>{contact}</td><td>{role}</td>");
        html.Add($"<td class=\"number\">{peer.LastDifferences}</td><td class=\"number\">{peer.Errors}</td></tr>\n");
    }
}
