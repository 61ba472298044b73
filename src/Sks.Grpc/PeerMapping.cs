using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sks.Node;
using Sks.Node.Links;
using Sks.Node.Peers;
using V1 = Sks.Admin.V1;

namespace Sks.Grpc;

/// <summary>Peers as messages.</summary>
internal static class PeerMapping
{
    public static V1.Peer ToMessage(this PeerStatus peer) => new()
    {
        Name = peer.Name,
        Kind = peer.Kind.ToMessage(),
        Addresses = { peer.Addresses.Select(static address => address.ToString()) },
        IsSelf = peer.IsSelf,
        LastContactTime = ToTimestamp(peer.LastContact),
        LastRole = peer.LastRole.ToMessage(),
        LastSuccessTime = ToTimestamp(peer.LastSuccess),
        NextAttemptTime = ToTimestamp(peer.NextAttempt),
        LastError = peer.LastError ?? "",
        SessionCount = (ulong)peer.Sessions,
        ErrorCount = (ulong)peer.Errors,
        LastDifferenceCount = (ulong)peer.LastDifferences,
        DifferenceCount = (ulong)peer.Differences,
        RecoveredCount = (ulong)peer.Recovered,
        BytesReceived = (ulong)peer.BytesReceived,
        BytesSent = (ulong)peer.BytesSent,
        AliasCount = (uint)peer.Aliases,
        IneffectiveCount = (uint)peer.Ineffective,
        NodeId = peer.Kind == PeerKind.Modern && NodeId.TryParse(peer.Name, out NodeId id) ? id.ToBytes() : ByteString.Empty,
        EndPoints = { peer.EndPoints },
        Connected = peer.IsConnected,
        SentCount = (ulong)peer.Sent,
        PhantomCount = (uint)peer.Phantoms,
        PolicyVersion = (uint)peer.PolicyVersion,
        Software = peer.Software ?? "",
        Refused = { peer.Refused.Select(static pair => new V1.RefusedCount { Reason = pair.Key.ToMessage(), Count = (ulong)pair.Value }) },
        ExcessCount = (ulong)peer.Excesses,
        WaitingCount = (ulong)peer.Waiting,
        Profile = peer.Profile ?? "",
    };

    /// <summary>What is known of a peer that nobody has dealt with so far.</summary>
    public static V1.Peer ToMessage(this PeerEntry entry) =>
        new PeerStatus(entry.Id.ToString()) { Kind = PeerKind.Modern, EndPoints = entry.Addresses }.ToMessage();

    public static V1.PeerKind ToMessage(this PeerKind kind) => kind switch
    {
        PeerKind.Sks => V1.PeerKind.Sks,
        PeerKind.Modern => V1.PeerKind.Modern,
        PeerKind.Pks => V1.PeerKind.Pks,
        _ => V1.PeerKind.Unspecified,
    };

    public static V1.PeerRole ToMessage(this PeerRole? role) => role switch
    {
        PeerRole.Initiator => V1.PeerRole.Initiator,
        PeerRole.Responder => V1.PeerRole.Responder,
        _ => V1.PeerRole.Unspecified,
    };

    private static V1.RefusalReason ToMessage(this RefusalReason reason) => reason switch
    {
        RefusalReason.Held => V1.RefusalReason.Held,
        RefusalReason.NotHeld => V1.RefusalReason.NotHeld,
        RefusalReason.Restricted => V1.RefusalReason.Restricted,
        RefusalReason.TooLarge => V1.RefusalReason.TooLarge,
        RefusalReason.Invalid => V1.RefusalReason.Invalid,
        RefusalReason.Busy => V1.RefusalReason.Busy,
        _ => V1.RefusalReason.Unspecified,
    };

    private static Timestamp? ToTimestamp(DateTimeOffset? time) => time is { } known ? Timestamp.FromDateTimeOffset(known) : null;
}
