using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sks.Admin.V1;
using PeerMessage = Sks.Admin.V1.Peer;

namespace Sks.Server.Verbs;

/// <summary>Peers as people and programs read them.</summary>
internal static class PeerTable
{
    /// <summary>What stands in a cell for what is not known.</summary>
    public const string Nothing = "-";

    private static readonly string[] Header =
        ["HOST", "PORT", "LAST-CONTACT", "ROLE", "FOUND", "FOUND-ALL", "RECOVERED", "RECEIVED", "SENT", "SESSIONS", "ERRORS", "NEXT-ATTEMPT", "ALIASES", "INEFFECTIVE", "PROFILE"];

    /// <summary>
    /// A table of the SKS servers with a line for each, below it a line for each that needs looking at; then the same for nodes of our own kind, and
    /// for servers that are sent to by mail or over HTTP. Nothing when there are no peers.
    /// </summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<PeerMessage> peers)
    {
        ILookup<PeerKind, PeerMessage> byKind = peers.ToLookup(static peer => peer.Kind);
        foreach (string line in Align(Header, byKind[PeerKind.Sks].Select(Row)))
            yield return line;
        foreach (PeerMessage peer in byKind[PeerKind.Sks])
        {
            if (Remark(peer) is { } remark)
                yield return $"{peer.Name}: {remark}";
        }

        foreach (string line in ModernPeerTable.Lines([.. byKind[PeerKind.Modern]]))
            yield return line;
        foreach (string line in PksPeerTable.Lines([.. byKind[PeerKind.Pks]]))
            yield return line;
    }

    /// <summary>A header and rows with aligned columns; nothing when there are no rows.</summary>
    public static IEnumerable<string> Align(string[] header, IEnumerable<string[]> cells)
    {
        List<string[]> rows = [header, .. cells];
        int[] widths = [.. header.Select((_, column) => rows.Max(row => row[column].Length))];
        return rows.Count == 1 ? [] : rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>Everything known of a peer, and whose peer it is.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="node">Id of the node that was asked.</param>
    public static object ToJson(PeerMessage peer, ByteString node) => new
    {
        Node = HexText.OfNode(node),
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
        NodeId = peer.NodeId.IsEmpty ? null : HexText.OfNode(peer.NodeId),
        peer.EndPoints,
        peer.Connected,
        peer.SentCount,
        peer.PhantomCount,
        peer.PolicyVersion,
        Software = peer.Software.Length == 0 ? null : peer.Software,
        Refused = peer.Refused.ToDictionary(static refused => RefusalText.Name(refused.Reason), static refused => refused.Count),
        peer.ExcessCount,
        peer.WaitingCount,
        Profile = peer.Profile.Length == 0 ? null : peer.Profile,
    };

    /// <summary>A number as a cell.</summary>
    public static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A time as a cell, in seconds and UTC.</summary>
    public static string Time(Timestamp? time) => time?.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? Nothing;

    private static string[] Row(PeerMessage peer) =>
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
        peer.Profile.Length == 0 ? Nothing : peer.Profile,
    ];

    private static string? Remark(PeerMessage peer) => peer switch
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
}
