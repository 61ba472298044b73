using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Notes how it goes with a peer's connections, for operators to read.</summary>
internal static class PeerNotes
{
    private const int MaxErrorLength = 500;

    /// <summary>The peer is there: its key is proven.</summary>
    public static void Contacted(PeerRegistry registry, NodeId peer, PeerRole role, DateTimeOffset now) => registry.TryUpdate(
        peer.ToString(), status => status with { LastContact = now, LastRole = role, NextAttempt = null });

    /// <summary>A session has ended.</summary>
    public static void Ended(PeerRegistry registry, NodeId peer, PeerSessionEnd end, DateTimeOffset now) => registry.TryUpdate(
        peer.ToString(),
        status => end switch
        {
            // Of two connections one is too many: that is nobody's fault.
            { Code: ErrorCode.Duplicate } => status,
            { IsFailure: true } => Fail(status, end.Detail ?? "the session has failed"),
            _ => status with { LastContact = now, LastSuccess = now, LastError = null, Sessions = status.Sessions + 1 },
        });

    /// <summary>The peer could not be reached, or something else went wrong.</summary>
    public static void Failed(PeerRegistry registry, NodeId peer, string reason) =>
        registry.TryUpdate(peer.ToString(), status => Fail(status, reason));

    /// <summary>When it will be contacted next; null when that is not planned.</summary>
    public static void Planned(PeerRegistry registry, NodeId peer, DateTimeOffset? at) =>
        registry.TryUpdate(peer.ToString(), status => status with { NextAttempt = at });

    private static PeerStatus Fail(PeerStatus status, string reason) =>
        status with { LastError = reason.Length > MaxErrorLength ? reason[..MaxErrorLength] : reason, Errors = status.Errors + 1 };
}
