using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Sks.Admin.V1;

namespace Sks.Server.Verbs;

/// <summary>Peers as people and programs read them.</summary>
internal static class PeerTable
{
    private const string Nothing = "-";

    private static readonly string[] Header =
        ["HOST", "PORT", "LAST-CONTACT", "ROLE", "FOUND", "FOUND-ALL", "RECOVERED", "RECEIVED", "SENT", "SESSIONS", "ERRORS", "NEXT-ATTEMPT", "ALIASES", "INEFFECTIVE"];

    /// <summary>A table with a line for each peer; below it a line for each that needs looking at. Nothing when there are no peers.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<Peer> peers)
    {
        if (peers.Count == 0)
            yield break;

        List<string[]> rows = [Header, .. peers.Select(Row)];
        int[] widths = [.. Header.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            yield return string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
        foreach (Peer peer in peers)
        {
            if (Remark(peer) is { } remark)
                yield return $"{peer.Name}: {remark}";
        }
    }

    /// <summary>Everything known of a peer.</summary>
    public static object ToJson(Peer peer) => new
    {
        peer.Name,
        Kind = peer.Kind.ToString().ToLowerInvariant(),
        peer.Addresses,
        peer.IsSelf,
        LastContactTime = peer.LastContactTime?.ToDateTimeOffset(),
        LastRole = Role(peer.LastRole),
        LastSuccessTime = peer.LastSuccessTime?.ToDateTimeOffset(),
        NextAttemptTime = peer.NextAttemptTime?.ToDateTimeOffset(),
        LastError = peer.LastError.Length == 0 ? null : peer.LastError,
        peer.SessionCount,
        peer.ErrorCount,
        peer.LastDifferenceCount,
        peer.DifferenceCount,
        peer.RecoveredCount,
        peer.BytesReceived,
        peer.BytesSent,
        peer.AliasCount,
        peer.IneffectiveCount,
    };

    private static string[] Row(Peer peer) =>
    [
        .. peer.Name.Split(' ', 2),
        Time(peer.LastContactTime),
        Role(peer.LastRole) ?? Nothing,
        Number(peer.LastDifferenceCount),
        Number(peer.DifferenceCount),
        Number(peer.RecoveredCount),
        Number(peer.BytesReceived),
        Number(peer.BytesSent),
        Number(peer.SessionCount),
        Number(peer.ErrorCount),
        Time(peer.NextAttemptTime),
        Number(peer.AliasCount),
        Number(peer.IneffectiveCount),
    ];

    private static string? Remark(Peer peer) => peer switch
    {
        { IsSelf: true } => "this node itself; it is passed over",
        { LastError.Length: > 0 } => CommandLine.ErrorReport.OneLine(peer.LastError),
        { Addresses.Count: 0 } => "its name does not resolve",
        { IneffectiveCount: > 0 } => $"offers {peer.IneffectiveCount} certificates again and again without effect, see docs/recon.md",
        _ => null,
    };

    private static string? Role(PeerRole role) => role switch
    {
        PeerRole.Initiator => "initiator",
        PeerRole.Responder => "responder",
        _ => null,
    };

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(Timestamp? time) => time?.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? Nothing;
}
