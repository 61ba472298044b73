using System.Globalization;
using static Sks.Server.Verbs.PeerTable;
using PeerMessage = Sks.Admin.V1.Peer;

namespace Sks.Server.Verbs;

/// <summary>Peers of our own kind as people read them, in 120 columns while addresses are of usual length.</summary>
internal static class ModernPeerTable
{
    private const int ShortIdDigits = 16;

    private static readonly string[] Header = ["NODE", "ADDRESS", "CONNECTED", "LAST-CONTACT", "FOUND", "RECOVERED", "RECEIVED", "SENT", "PHANTOMS"];

    /// <summary>A table with a line for each peer; below it lines about those that need looking at. Nothing when there are no peers.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<PeerMessage> peers) =>
        Align(Header, peers.Select(Row)).Concat(peers.SelectMany(static peer => Remarks(peer).Select(remark => $"{ShortId(peer)}: {remark}")));

    private static string[] Row(PeerMessage peer) =>
    [
        ShortId(peer),
        peer.EndPoints switch
        {
            [] => Nothing,
            [var only] => only,
            [var first, ..] => $"{first} +{peer.EndPoints.Count - 1}",
        },
        peer.Connected ? "yes" : "no",
        Time(peer.LastContactTime),
        Number(peer.LastDifferenceCount),
        Number(peer.RecoveredCount),
        Number(peer.BytesReceived),
        Number(peer.BytesSent),
        Number(peer.PhantomCount),
    ];

    private static IEnumerable<string> Remarks(PeerMessage peer)
    {
        if (peer.LastError.Length > 0)
            yield return CommandLine.ErrorReport.OneLine(peer.LastError);
        if (peer.ExcessCount > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"has asked for too much, and was refused for a while: {peer.ExcessCount} times");
        if (peer.Refused.Count > 0)
            yield return "has refused certificates of this node: " + RefusalText.Describe(peer.Refused);
    }

    private static string ShortId(PeerMessage peer) => HexText.OfNode(peer.NodeId)[..Math.Min(ShortIdDigits, 2 * peer.NodeId.Length)];
}
