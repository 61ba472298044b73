using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>A session cannot be, or cannot go on: the peer is told why.</summary>
/// <param name="code">What kind of reason.</param>
/// <param name="message">In words that may be sent to it; at most 256 bytes.</param>
/// <param name="retryAfter">When it may come back; zero for whenever.</param>
internal sealed class PeerRefusedException(ErrorCode code, string message, TimeSpan retryAfter = default) : Exception(message)
{
    /// <summary>What kind of reason.</summary>
    public ErrorCode Code { get; } = code;

    /// <summary>When the peer may come back; zero for whenever.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>Whether the peer has just asked for more than its budget allows.</summary>
    public bool IsExcess { get; init; }
}
