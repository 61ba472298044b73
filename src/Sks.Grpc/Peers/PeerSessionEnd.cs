using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>How a session with a peer has ended.</summary>
/// <param name="WasEstablished">Whether both hellos were exchanged and agreed.</param>
/// <param name="Code">Why it ended; unspecified when the stream just ended or broke.</param>
/// <param name="Detail">In words; null when there is nothing to say.</param>
/// <param name="RetryAfter">When to come back; zero for whenever.</param>
internal sealed record PeerSessionEnd(bool WasEstablished, ErrorCode Code, string? Detail, TimeSpan RetryAfter)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    /// <summary>How long the connection was there; zero for not at all.</summary>
    public TimeSpan Lasted { get; init; }

    /// <summary>Whether it ended because the peer asked for more than its budget allows.</summary>
    public bool IsExcess { get; init; }

    /// <summary>Whether it is an error: nothing came of the session, or the two do not get on.</summary>
    public bool IsFailure => !WasEstablished || Code is not (ErrorCode.Unspecified or ErrorCode.Stopping);

    /// <summary>Whether the two got on for so long that what was before counts no more.</summary>
    public bool HasLasted => WasEstablished && Lasted > Long;

    /// <summary>What the peer is told.</summary>
    public Error ToMessage() => new()
    {
        Code = Code,
        Detail = Detail ?? "",
        RetryAfterMs = (uint)Math.Min(Math.Ceiling(RetryAfter.TotalMilliseconds), uint.MaxValue),
    };
}
