using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.OpenPgp;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>Log lines about the certificates that peers give and take. Event ids are stable; certificates are named by their digests.</summary>
internal static partial class PeerPayloadLog
{
    [LoggerMessage(2240, LogLevel.Information, "What peer {Peer} gave as {Digest} is refused: {Reason}")]
    public static partial void Refused(ILogger logger, NodeId peer, ContentDigest? digest, RefusalReason? reason);

    [LoggerMessage(2241, LogLevel.Error, "What peer {Peer} wants cannot be given: its record is damaged")]
    public static partial void OfferDamaged(ILogger logger, NodeId peer, Exception exception);

    [LoggerMessage(2242, LogLevel.Warning, "What peer {Peer} gave cannot be stored now")]
    public static partial void NotStored(ILogger logger, NodeId peer, Exception exception);
}
