using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Pages;
using Sks.Node;
using Sks.Node.Peers;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary><c>op=stats</c> and <c>/pks/stats</c>: a page, or JSON with <c>options=json</c> or <c>mr</c>.</summary>
internal sealed class StatisticsHandler(HkpContext hkp)
{
    /// <summary>Answers with numbers about this server.</summary>
    public Task HandleAsync(HttpContext context, in LookupRequest request)
    {
        NodeStatistics statistics = hkp.Node.GetStatistics();
        // To whom mail is sent is between the operators.
        IReadOnlyList<PeerStatus> peers = [.. hkp.Node.Peers.Read().Where(static peer => peer.Kind != PeerKind.Pks)];
        ServerFacts facts = GetFacts();
        return request.IsForMachines
            ? Reply.SendJsonAsync(context, StatusCodes.Status200OK, json => Write(json, facts, statistics, peers))
            : Reply.SendPageAsync(context, StatusCodes.Status200OK, new StatisticsPage(facts, statistics, peers));
    }

    private ServerFacts GetFacts()
    {
        string node = hkp.Options.Nodename.Length > 0 ? hkp.Options.Nodename : Environment.MachineName;
        return new ServerFacts(
            Hostname: hkp.Options.Hostname.Length > 0 ? hkp.Options.Hostname : Environment.MachineName,
            Nodename: node,
            Version: HkpContext.Version,
            Contact: hkp.Options.ServerContact,
            HttpPort: hkp.Addresses is [var first, ..] ? first.Port : 0,
            ReconPort: hkp.Members?.OwnPort);
    }

    private void Write(Utf8JsonWriter json, ServerFacts facts, NodeStatistics statistics, IReadOnlyList<PeerStatus> peers)
    {
        json.WriteStartObject();
        json.WriteString("software", ServerFacts.Software);
        json.WriteString("version", facts.Version);
        json.WriteString("hostname", facts.Hostname);
        json.WriteString("nodename", facts.Nodename);
        json.WriteString("contact", facts.Contact);
        json.WriteNumber("httpPort", facts.HttpPort);
        if (facts.ReconPort is { } reconPort)
            json.WriteNumber("reconPort", reconPort);
        json.WriteString("time", TimeText.Of(statistics.Time));
        json.WriteNumber("totalKeys", statistics.Certificates);
        json.WriteBoolean("writable", statistics.IsWritable);

        json.WriteStartObject("submissions");
        foreach (IGrouping<ChangeSource, KeyValuePair<(ChangeSource Source, SubmissionResult Result), long>> source in
            statistics.Outcomes.GroupBy(static entry => entry.Key.Source).OrderBy(static group => group.Key))
        {
            json.WriteStartObject(source.Key.ToString().ToLowerInvariant());
            foreach (((_, SubmissionResult result), long count) in source.OrderBy(static entry => entry.Key.Result))
                json.WriteNumber(SubmissionReport.NameOf(result), count);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("rejections");
        foreach ((RejectionReason reason, long count) in statistics.Rejections.OrderBy(static entry => entry.Key))
            json.WriteNumber(HkpProblems.For(reason).Name, count);
        json.WriteEndObject();

        json.WriteNumber("policyVersion", statistics.ServedPolicy);
        json.WriteStartObject("viewMigration");
        json.WriteNumber("done", statistics.Migration.Done);
        json.WriteNumber("total", statistics.Migration.Total);
        json.WriteEndObject();
        json.WriteStartObject("leftOut");
        foreach ((PacketFate fate, long count) in statistics.LeftOut.OrderBy(static entry => entry.Key))
            json.WriteNumber(PacketWords.NameOf(fate), count);
        json.WriteEndObject();

        json.WriteStartObject("requests");
        foreach ((int status, long count) in hkp.Metrics.GetRequests())
            json.WriteNumber(status.ToString(CultureInfo.InvariantCulture), count);
        json.WriteEndObject();

        PeerJson.Write(json, peers);
        WriteHistory(json, "daily", StatisticsHistory.Daily(statistics));
        WriteHistory(json, "hourly", StatisticsHistory.Hourly(statistics));
        json.WriteEndObject();
    }

    private static void WriteHistory(Utf8JsonWriter json, string name, IReadOnlyList<HistoryRow> rows)
    {
        json.WriteStartArray(name);
        foreach (HistoryRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("time", TimeText.Of(row.Start));
            json.WriteNumber("new", row.Added);
            json.WriteNumber("updated", row.Updated);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
