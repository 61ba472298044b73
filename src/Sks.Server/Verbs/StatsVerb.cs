using System.CommandLine;
using System.Globalization;
using Sks.Admin.V1;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd stats</c></summary>
internal static class StatsVerb
{
    public static Command Create()
    {
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        Option<bool> json = VerbOptions.Json("Print the numbers as one JSON object");
        var command = new Command("stats", "Print numbers about the local node: certificates, outcomes since it started, what was left out of clean views, changes per hour.") { data, config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            GetStatsResponse stats = await new AdminService.AdminServiceClient(node.Channel)
                .GetStatsAsync(new GetStatsRequest(), cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
                PrintJson(stats);
            else
                Print(stats);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(GetStatsResponse stats)
    {
        Terminal.WriteLine($"node: {HexText.OfNode(stats.NodeId)}");
        Terminal.WriteLine($"accepts peers: {(stats.PeerAddresses.Count == 0 ? "no" : string.Join(", ", stats.PeerAddresses))}");
        Terminal.WriteLine($"certificates: {stats.CertificateCount}");
        Terminal.WriteLine($"newest change: {CursorText.Format(stats.Cursor)}");
        Terminal.WriteLine($"can store: {(stats.Writable ? "yes" : "no: no space, or a disk that cannot be written")}");
        Terminal.WriteLine($"clean view: policy {stats.PolicyVersion}");
        if (stats.ViewMigration is { } migration)
            Terminal.WriteLine($"new clean views: {migration.Done} of {migration.Total} certificates");
        foreach (OutcomeCount outcome in stats.Outcomes)
            Terminal.WriteLine($"since start, {outcome.Source} {outcome.Result}: {outcome.Count}");
        foreach (RejectionCount rejection in stats.Rejections)
            Terminal.WriteLine($"since start, rejected for {rejection.Reason}: {rejection.Count}");
        foreach (LeftOutCount leftOut in stats.LeftOut)
            Terminal.WriteLine($"since start, packets left out of clean views for {leftOut.Reason}: {leftOut.Count}");
        foreach (HourlyChangeCount hour in stats.History)
            Terminal.WriteLine($"{hour.Hour.ToDateTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}: {hour.Added} added, {hour.Updated} updated");
    }

    private static void PrintJson(GetStatsResponse stats) => Terminal.WriteJson(new
    {
        Time = stats.Time.ToDateTimeOffset(),
        stats.SoftwareVersion,
        Node = HexText.OfNode(stats.NodeId),
        stats.PeerAddresses,
        stats.CertificateCount,
        Cursor = CursorText.Format(stats.Cursor),
        stats.Writable,
        stats.PolicyVersion,
        ViewMigration = stats.ViewMigration is { } migration ? new { migration.Done, migration.Total } : null,
        Outcomes = stats.Outcomes.Select(outcome => new { Source = outcome.Source.ToString(), Result = outcome.Result.ToString(), outcome.Count }),
        Rejections = stats.Rejections.Select(rejection => new { Reason = rejection.Reason.ToString(), rejection.Count }),
        LeftOut = stats.LeftOut.Select(leftOut => new { Reason = leftOut.Reason.ToString(), leftOut.Count }),
        History = stats.History.Select(hour => new { Hour = hour.Hour.ToDateTimeOffset(), hour.Added, hour.Updated }),
    });
}
