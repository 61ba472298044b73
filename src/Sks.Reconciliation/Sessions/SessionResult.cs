namespace Sks.Reconciliation.Sessions;

/// <summary>How a session ended.</summary>
public enum SessionEnd
{
    /// <summary>All differences were found.</summary>
    Completed = 1,

    /// <summary>The stream ended, or the transport gave up, before that.</summary>
    Closed = 2,

    /// <summary>The other side said what it may not say.</summary>
    Violated = 3,

    /// <summary>As many differences were found as may be in one session.</summary>
    LimitReached = 4,

    /// <summary>The other side's set is so much larger that it has to be brought here in another way; nothing of it was taken.</summary>
    PeerIsMuchLarger = 5,
}

/// <summary>What came of a session.</summary>
/// <remarks>
/// What was found before a violation is kept as well, where SKS throws it away: an element is a hint of what to fetch and nothing more, and
/// whoever sends wrong ones can do so without a violation.
/// </remarks>
/// <param name="RemoteOnly">Elements that only the other side has, ascending. Not all of them unless it was <see cref="SessionEnd.Completed"/>.</param>
/// <param name="End">How it ended.</param>
/// <param name="Reason">What was violated, in words; else null.</param>
/// <param name="PeerCount">How many elements the other side says it has; null when that did not become known.</param>
public sealed record SessionResult(IReadOnlyList<Element> RemoteOnly, SessionEnd End, string? Reason, long? PeerCount);
