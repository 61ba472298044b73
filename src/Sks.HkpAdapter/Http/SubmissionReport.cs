using System.Globalization;
using System.Text;
using System.Text.Json;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What became of the certificates of one submission. Names them by fingerprint, never by user ID.</summary>
internal sealed class SubmissionReport(IReadOnlyList<SubmissionOutcome> outcomes)
{
    /// <summary>One outcome per certificate, in the order of the submission.</summary>
    public IReadOnlyList<SubmissionOutcome> Outcomes => outcomes;

    /// <summary>
    /// 200 when anything was accepted, else what the first rejection says. A secret key is an error also among others that were
    /// accepted: its owner has to hear of it.
    /// </summary>
    public int Status
    {
        get
        {
            if (outcomes.Any(static outcome => outcome.Reason == RejectionReason.SecretKey))
                return HkpProblems.For(RejectionReason.SecretKey).Status;
            if (outcomes.Any(static outcome => outcome.Result != SubmissionResult.Rejected))
                return 200;
            return HkpProblems.For(outcomes is [SubmissionOutcome first, ..] ? first.Reason : RejectionReason.NoData).Status;
        }
    }

    /// <summary>How many have this result.</summary>
    public int Count(SubmissionResult result) => outcomes.Count(outcome => outcome.Result == result);

    /// <summary>The report as plain text: a line of numbers, then one line per certificate.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Count(SubmissionResult.Added)} added, {Count(SubmissionResult.Updated)} updated, ");
        text.Append(CultureInfo.InvariantCulture, $"{Count(SubmissionResult.Unchanged)} unchanged, {Count(SubmissionResult.Rejected)} rejected\n");
        foreach (SubmissionOutcome outcome in outcomes)
        {
            text.Append(NameOf(outcome.Result)).Append(' ').Append(outcome.Fingerprint?.ToString() ?? "-");
            if (outcome.Result == SubmissionResult.Rejected)
                text.Append(": ").Append(HkpProblems.For(outcome.Reason).Text);
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The report as the object that the HKP draft describes.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        Write(json, "inserted", SubmissionResult.Added, null);
        Write(json, "updated", SubmissionResult.Updated, null);
        json.WriteStartArray("deleted");
        json.WriteEndArray();
        Write(json, "ignored", SubmissionResult.Unchanged, static _ => "Nothing new in it.");
        Write(json, "invalid", SubmissionResult.Rejected, static outcome => HkpProblems.For(outcome.Reason).Text);
        json.WriteEndObject();
    }

    /// <summary>A result in a word.</summary>
    public static string NameOf(SubmissionResult result) => result switch
    {
        SubmissionResult.Added => "added",
        SubmissionResult.Updated => "updated",
        SubmissionResult.Unchanged => "unchanged",
        _ => "rejected",
    };

    private void Write(Utf8JsonWriter json, string name, SubmissionResult result, Func<SubmissionOutcome, string>? comment)
    {
        json.WriteStartArray(name);
        foreach (SubmissionOutcome outcome in outcomes.Where(outcome => outcome.Result == result))
        {
            json.WriteStartObject();
            if (outcome.Fingerprint is { } fingerprint)
            {
                json.WriteNumber("version", VersionOf(fingerprint));
                json.WriteString("fingerprint", fingerprint.ToString().ToLowerInvariant());
            }

            if (comment is not null)
                json.WriteString("comment", comment(outcome));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static int VersionOf(Fingerprint fingerprint) => fingerprint.Length switch
    {
        Fingerprint.Version3Length => 3,
        Fingerprint.Version4Length => 4,
        _ => 6,
    };
}
