using Sks.OpenPgp;

namespace Sks.Node.Links;

/// <summary>What came of a certificate that a peer gave.</summary>
public enum IntakeResult
{
    /// <summary>This node holds just that now.</summary>
    Held,

    /// <summary>This node holds something else, of which it is a part, or that it has become a part of.</summary>
    Merged,

    /// <summary>What was sent and what was held did not make what was offered: the whole certificate is to be fetched.</summary>
    Incomplete,

    /// <summary>It is refused.</summary>
    Refused,
}

/// <summary>What came of a certificate that a peer gave.</summary>
/// <param name="Result">What came of it.</param>
/// <param name="Reason">Why it is refused; else null.</param>
/// <param name="Digest">The digest by which it was offered, or that starts as it was wanted; null when nothing it is has that.</param>
/// <param name="Changed">Whether something was stored.</param>
public sealed record IntakeOutcome(IntakeResult Result, RefusalReason? Reason, ContentDigest? Digest, bool Changed);
