using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>A session cannot be, or cannot go on: the peer is told why.</summary>
/// <param name="code">What kind of reason.</param>
/// <param name="message">In words that may be sent to it; at most 256 bytes.</param>
internal sealed class PeerRefusedException(ErrorCode code, string message) : Exception(message)
{
    /// <summary>What kind of reason.</summary>
    public ErrorCode Code { get; } = code;
}
