using static Sks.Server.Verbs.PeerTable;
using PeerMessage = Sks.Admin.V1.Peer;

namespace Sks.Server.Verbs;

/// <summary>Servers that are sent to by mail or over HTTP, as people read them.</summary>
internal static class PksPeerTable
{
    private static readonly string[] Header = ["SENT-TO", "LAST-SUCCESS", "SENT", "WAITING", "RECEIVED", "ERRORS", "NEXT-ATTEMPT"];

    /// <summary>A table with a line for each; below it a line for each with which something is wrong. Nothing when there are none.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<PeerMessage> peers) => Align(Header, peers.Select(Row)).Concat(
        peers.Where(static peer => peer.LastError.Length > 0).Select(static peer => $"{peer.Name}: {CommandLine.ErrorReport.OneLine(peer.LastError)}"));

    private static string[] Row(PeerMessage peer) =>
    [
        peer.Name,
        Time(peer.LastSuccessTime),
        Number(peer.SentCount),
        Number(peer.WaitingCount),
        Number(peer.RecoveredCount),
        Number(peer.ErrorCount),
        Time(peer.NextAttemptTime),
    ];
}
