using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>How a session with a peer has ended.</summary>
/// <param name="WasEstablished">Whether both hellos were exchanged and agreed.</param>
/// <param name="Code">Why it ended; unspecified when the stream just ended or broke.</param>
/// <param name="Detail">In words; null when there is nothing to say.</param>
/// <param name="RetryAfter">When to come back; zero for whenever.</param>
internal sealed record PeerSessionEnd(bool WasEstablished, ErrorCode Code, string? Detail, TimeSpan RetryAfter)
{
    /// <summary>Whether to wait longer each time before the next attempt: nothing came of this one, or the two do not get on.</summary>
    /// <remarks>Who is told to come back for a new key, over and over, waits as well.</remarks>
    public bool IsFailure => !WasEstablished || Code is not (ErrorCode.Unspecified or ErrorCode.Stopping);
}
