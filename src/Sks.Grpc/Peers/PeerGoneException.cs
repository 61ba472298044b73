using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>The peer has ended the session, and said why or not.</summary>
internal sealed class PeerGoneException(ErrorCode code, string message, TimeSpan retryAfter) : Exception(message)
{
    private const int MaxDetail = 256;
    private static readonly TimeSpan MaxRetry = TimeSpan.FromHours(1);

    /// <summary>What kind of reason.</summary>
    public ErrorCode Code { get; } = code;

    /// <summary>When to come back.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>What the peer has said, fit to be shown.</summary>
    public static PeerGoneException Of(Error error)
    {
        string detail = new([.. error.Detail.Take(MaxDetail).Where(static c => !char.IsControl(c))]);
        TimeSpan retry = TimeSpan.FromMilliseconds(error.RetryAfterMs);
        return new PeerGoneException(error.Code, "the peer says: " + detail, retry < MaxRetry ? retry : MaxRetry);
    }
}
