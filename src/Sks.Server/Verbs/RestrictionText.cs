using System.Globalization;
using Sks.Admin.V1;
using Sks.Server.CommandLine;

namespace Sks.Server.Verbs;

/// <summary>Restrictions in words, and as JSON.</summary>
internal static class RestrictionText
{
    /// <summary>What names a restriction on the command line: origin and sequence.</summary>
    public static string Id(Restriction restriction) =>
        string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(restriction.Origin.Span)}:{restriction.Sequence}");

    /// <summary>What it is about.</summary>
    public static string Subject(RestrictionSubject subject) => subject switch
    {
        { IdentityHash.IsEmpty: false } => $"identity sha256:{Convert.ToHexStringLower(subject.IdentityHash.Span)}",
        { UserIdHash.IsEmpty: false } =>
            $"user ID sha256:{Convert.ToHexStringLower(subject.UserIdHash.Span)} of {Convert.ToHexString(subject.Fingerprint.Span)}",
        _ => $"certificate {Convert.ToHexString(subject.Fingerprint.Span)}",
    };

    /// <summary>What has been done.</summary>
    public static string Done(RestrictionKind kind) => kind switch
    {
        RestrictionKind.Block => "blocked",
        RestrictionKind.Erase => "erased",
        _ => "unblocked",
    };

    /// <summary>What that did to the store.</summary>
    public static string Effect(ulong removed, ulong rewritten) => removed + rewritten == 0
        ? "nothing of it was stored"
        : $"certificates: {removed} removed, {rewritten} lost packets";

    /// <summary>One line of a list.</summary>
    public static string Line(Restriction restriction)
    {
        string author = restriction.Author.Length > 0 ? $" by {restriction.Author}" : "";
        string reason = restriction.Reason.Length > 0 ? $": {restriction.Reason}" : "";
        string confirmed = restriction.Confirmed is null ? "" : $", confirmed {Time(restriction.Confirmed)} by {restriction.ConfirmedBy}";
        string line = $"{State(restriction)} {restriction.Kind} {Subject(restriction.Subject)}, issued {Time(restriction.Time)}, " +
            $"{(restriction.Own ? "here" : "taken in " + Time(restriction.Received))}{author}{confirmed}{reason} [{Id(restriction)}]";
        return ErrorReport.OneLine(line);
    }

    /// <summary>The object of a list in JSON.</summary>
    public static object ToJson(Restriction restriction) => new
    {
        Id = Id(restriction),
        State = State(restriction),
        Kind = restriction.Kind.ToString(),
        Fingerprint = restriction.Subject.Fingerprint.IsEmpty ? null : Convert.ToHexString(restriction.Subject.Fingerprint.Span),
        UserIdSha256 = restriction.Subject.UserIdHash.IsEmpty ? null : Convert.ToHexStringLower(restriction.Subject.UserIdHash.Span),
        IdentitySha256 = restriction.Subject.IdentityHash.IsEmpty ? null : Convert.ToHexStringLower(restriction.Subject.IdentityHash.Span),
        restriction.Own,
        Issued = restriction.Time.ToDateTimeOffset(),
        Received = restriction.Received.ToDateTimeOffset(),
        restriction.Author,
        restriction.Reason,
        PurgeTime = restriction.PurgeTime?.ToDateTimeOffset(),
        Confirmed = restriction.Confirmed?.ToDateTimeOffset(),
        restriction.ConfirmedBy,
    };

    /// <summary>Says what a purge came to, and whether that is what was wanted.</summary>
    public static int Report(PurgeReport? purge, bool json)
    {
        if (purge is null)
            return ExitCode.Done;
        if (purge.Complete)
        {
            if (!json)
                Terminal.WriteLine("purged: nothing of it is left on the disk");
            return ExitCode.Done;
        }

        Terminal.WriteError(
            $"the purge is not complete: a reader (a dump, a check) keeps old data, in {purge.HeldFiles.Count} files at least; it is tried again every hour and at the next start");
        return ExitCode.No;
    }

    private static string State(Restriction restriction) => restriction switch
    {
        { InForce: false } => "past",
        { Pending: true, PurgeTime: null } => "hidden-until-confirmed",
        { Pending: true } => "hidden-until-" + Time(restriction.PurgeTime),
        _ => "in-force",
    };

    private static string Time(Google.Protobuf.WellKnownTypes.Timestamp time) =>
        time.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
