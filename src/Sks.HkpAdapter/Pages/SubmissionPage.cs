using Sks.HkpAdapter.Http;
using Sks.Node;

namespace Sks.HkpAdapter.Pages;

/// <summary>Tells what became of uploaded keys.</summary>
internal sealed class SubmissionPage(SubmissionReport report) : Page
{
    public override string Title => report.Status == 200 ? "Keys received" : "Keys not accepted";

    public override void WriteBody(Markup html)
    {
        html.Add($"""
            <h1>{Title}</h1>
            <section class="card wide">
            <table>
            <thead><tr><th>Result</th><th>Key</th><th></th></tr></thead>
            <tbody>

            """);
        foreach (SubmissionOutcome outcome in report.Outcomes)
        {
            bool rejected = outcome.Result == SubmissionResult.Rejected;
            html.Add($"<tr><td><span class=\"tag {(rejected ? "warn" : "good")}\">{SubmissionReport.NameOf(outcome.Result)}</span></td>");
            if (outcome.Fingerprint is { } fingerprint && !rejected)
                html.Add($"<td class=\"mono\"><a href=\"/pks/lookup?op=vindex&amp;search=0x{fingerprint.ToString()}\">{PageText.Group(fingerprint)}</a></td>");
            else
                html.Add($"<td class=\"mono\">{(outcome.Fingerprint is { } known ? PageText.Group(known) : "–")}</td>");
            html.Add($"<td>{(rejected ? HkpProblems.For(outcome.Reason).Text : "")}</td></tr>\n");
        }

        html.Raw("</tbody>\n</table>\n</section>\n");
    }
}
