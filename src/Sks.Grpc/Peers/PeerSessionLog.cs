using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.Reconciliation.Sketches;

namespace Sks.Grpc.Peers;

/// <summary>What sessions with peers log. Event ids 2220 to 2239.</summary>
internal static partial class PeerSessionLog
{
    [LoggerMessage(2220, LogLevel.Information, "Connected with peer {Peer} as {Role}, policy {PolicyVersion}, key {Epoch}")]
    public static partial void Connected(ILogger logger, NodeId peer, PeerRole role, int policyVersion, uint epoch);

    [LoggerMessage(2221, LogLevel.Information, "The session with peer {Peer} has ended: {Code} {Detail}")]
    public static partial void Ended(ILogger logger, NodeId peer, ErrorCode code, string? detail);

    [LoggerMessage(2222, LogLevel.Debug, "Compared with peer {Peer}: {End}, {MissingHere} missing here, {OnlyHere} only here, by buckets: {UsedBuckets}")]
    public static partial void Compared(ILogger logger, NodeId peer, ExchangeEnd end, long missingHere, long onlyHere, bool usedBuckets);

    [LoggerMessage(2223, LogLevel.Warning, "Peer {Peer} goes on behind where it was or under another incarnation: it was restored or built anew, and is compared with as a whole")]
    public static partial void Restored(ILogger logger, NodeId peer);

    [LoggerMessage(2224, LogLevel.Warning, "A second process under the node id of peer {Peer} is refused: give one of the two another identity")]
    public static partial void Clone(ILogger logger, NodeId peer);

    [LoggerMessage(2225, LogLevel.Debug, "Messages with peer {Peer}, in bytes: {SyncReceived} received and {SyncSent} sent in Sync, {FetchReceived} and {FetchSent} in Fetch")]
    public static partial void Traffic(ILogger logger, NodeId peer, long syncReceived, long syncSent, long fetchReceived, long fetchSent);

    [LoggerMessage(2226, LogLevel.Error, "The session with peer {Peer} failed")]
    public static partial void Failed(ILogger logger, NodeId peer, Exception exception);

    [LoggerMessage(2227, LogLevel.Warning, "The session with peer {Peer} ends because the store failed: {Kind}")]
    public static partial void StoreFailed(ILogger logger, NodeId peer, Storage.StorageErrorKind kind);

    [LoggerMessage(2228, LogLevel.Warning, "Peer {Peer} {Excess}: its calls are refused for {Pause}")]
    public static partial void Excess(ILogger logger, NodeId peer, string excess, TimeSpan pause);
}
