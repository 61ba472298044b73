using System.CommandLine;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.Server.Local;
using CheckReport = Sks.Admin.V1.CheckReport;

namespace Sks.Server.Verbs;

/// <summary><c>sksd check</c></summary>
internal static class CheckVerb
{
    public static Command Create()
    {
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var repair = new Option<bool>("--repair") { Description = "Rebuild what differs. Certificates themselves are never changed" };
        Option<bool> json = VerbOptions.Json("Print the result as one JSON object");
        var command = new Command(
            "check",
            "Compare views, digests, indexes and counters with the packets they follow from, with or without a running node, " +
            "and make sure that signatures verify on this machine as they do elsewhere. " +
            "Exit code 1 when something differs and was not repaired.")
        {
            data, config, repair, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            KeyserverNode.CheckPlatform();
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            CheckReport report = await CheckAsync(node, parsed.GetValue(repair), parsed.GetValue(json), cancellationToken);
            if (parsed.GetValue(json))
                Terminal.WriteJson(new { report.CertificatesChecked, report.DifferenceCount, report.Repaired, report.Differences });
            else
                Print(report);
            return report.DifferenceCount == 0 || report.Repaired ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    private static async Task<CheckReport> CheckAsync(LocalNode node, bool repair, bool json, CancellationToken cancellationToken)
    {
        var client = new AdminService.AdminServiceClient(node.Channel);
        return await TerminalProgress.RunAsync("certificates checked", null, json, async progress =>
        {
            using AsyncServerStreamingCall<CheckResponse> call =
                client.Check(new CheckRequest { Repair = repair }, cancellationToken: cancellationToken);
            await foreach (CheckResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                if (response.StepCase == CheckResponse.StepOneofCase.Report)
                    return response.Report;
                progress.Report((long)response.Progress.CertificatesChecked);
            }

            throw new RpcException(new Status(StatusCode.Internal, "the node ended the check without a report"));
        });
    }

    private static void Print(CheckReport report)
    {
        foreach (string difference in report.Differences)
            Terminal.WriteLine(ErrorReport.OneLine(difference));
        Terminal.WriteLine(report switch
        {
            { DifferenceCount: 0 } => $"check: ok, {report.CertificatesChecked} certificates",
            { Repaired: true } => $"check: repaired {report.DifferenceCount} differences, {report.CertificatesChecked} certificates",
            _ => $"check: {report.DifferenceCount} differences, {report.CertificatesChecked} certificates; repair them with --repair",
        });
    }
}
