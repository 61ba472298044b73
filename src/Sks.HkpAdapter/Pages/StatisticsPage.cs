using System.Globalization;
using Sks.HkpAdapter.Http;
using Sks.Node;
using Sks.Node.Peers;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>Numbers about this server.</summary>
/// <remarks>
/// Crawlers of the SKS network read this page: the rows <c>Hostname:</c> to <c>Recon port:</c>, their form
/// <c>&lt;tr&gt;&lt;td&gt;Version:&lt;/td&gt;&lt;td&gt;…</c>, and the line <c>Total number of keys: N</c> stay as SKS wrote them.
/// </remarks>
internal sealed class StatisticsPage(ServerFacts facts, NodeStatistics statistics, IReadOnlyList<PeerStatus> peers) : Page
{
    public override string Title => $"OpenPGP keyserver statistics | Taken at {TakenAt}";

    private string TakenAt => statistics.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private string ReconPort => facts.ReconPort?.ToString(CultureInfo.InvariantCulture) ?? "off";

    public override void WriteBody(Markup html)
    {
        html.Add($"""
            <h1>OpenPGP keyserver statistics</h1>
            <p class="soft">Taken at {TakenAt}</p>
            <div class="columns">
            <section class="card">
            <h2>Settings</h2>
            <table>
            <tr><td>Hostname:</td><td>{facts.Hostname}</td></tr>
            <tr><td>Nodename:</td><td>{facts.Nodename}</td></tr>
            <tr><td>Version:</td><td>{facts.Version}</td></tr>
            <tr><td>Server contact:</td><td>{facts.Contact}</td></tr>
            <tr><td>HTTP port:</td><td>{facts.HttpPort}</td></tr>
            <tr><td>Recon port:</td><td>{ReconPort}</td></tr>
            <tr><td>Software:</td><td>{ServerFacts.Software}</td></tr>
            </table>
            </section>
            <section class="card">
            <h2>Statistics</h2>
            <p>Total number of keys: {statistics.Certificates}</p>

            """);
        html.Raw(statistics.IsWritable
            ? "<p><span class=\"tag good\">accepting keys</span></p>\n"
            : "<p><span class=\"tag warn\">not accepting keys at the moment</span></p>\n");
        WritePolicy(html);
        WriteOutcomes(html);
        WriteLeftOut(html);
        html.Raw("</section>\n</div>\n");
        PeerTables.Write(html, peers);
        html.Raw("<div class=\"columns\">\n");
        WriteHistory(html, "Daily Histogram", "yyyy-MM-dd", StatisticsHistory.Daily(statistics));
        WriteHistory(html, "Hourly Histogram", "yyyy-MM-dd HH", StatisticsHistory.Hourly(statistics));
        html.Raw("</div>\n");
    }

    private void WritePolicy(Markup html)
    {
        html.Add($"<p>Clean views are made by policy {statistics.ServedPolicy}.");
        if (statistics.Migration.Total > 0)
            html.Add($" New ones are being made: {statistics.Migration.Done} of {statistics.Migration.Total}.");
        html.Raw("</p>\n");
    }

    private void WriteLeftOut(Markup html)
    {
        if (statistics.LeftOut.Count == 0)
            return;

        html.Raw("""
            <h3>Left out of clean views since start</h3>
            <table>
            <thead><tr><th>Reason</th><th class="number">Packets</th></tr></thead>
            <tbody>

            """);
        foreach ((PacketFate fate, long count) in statistics.LeftOut.OrderBy(static entry => entry.Key))
            html.Add($"<tr><td>{PacketFateText.Of(fate)}</td><td class=\"number\">{count}</td></tr>\n");
        html.Raw("</tbody>\n</table>\n");
    }

    private void WriteOutcomes(Markup html)
    {
        if (statistics.Outcomes.Count == 0)
            return;

        html.Raw("""
            <h3>Since start</h3>
            <table>
            <thead><tr><th>Source</th><th>Result</th><th class="number">Keys</th></tr></thead>
            <tbody>

            """);
        foreach (((Storage.ChangeSource source, SubmissionResult result), long count) in
            statistics.Outcomes.OrderBy(static entry => entry.Key.Source).ThenBy(static entry => entry.Key.Result))
        {
            html.Add($"<tr><td>{source.ToString()}</td><td>{SubmissionReport.NameOf(result)}</td><td class=\"number\">{count}</td></tr>\n");
        }

        html.Raw("</tbody>\n</table>\n");
    }

    private static void WriteHistory(Markup html, string heading, string timeFormat, IReadOnlyList<HistoryRow> rows)
    {
        html.Add($"""
            <section class="card">
            <h2>{heading}</h2>
            <table>
            <thead><tr><th>Time</th><th class="number">New Keys</th><th class="number">Updated Keys</th></tr></thead>
            <tbody>

            """);
        foreach (HistoryRow row in rows)
        {
            string time = row.Start.UtcDateTime.ToString(timeFormat, CultureInfo.InvariantCulture);
            html.Add($"<tr><td>{time}</td><td class=\"number\">{row.Added}</td><td class=\"number\">{row.Updated}</td></tr>\n");
        }

        html.Raw("</tbody>\n</table>\n</section>\n");
    }
}
