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

/// <summary>What came of a certificate that a peer gave, and what this node holds now.</summary>
/// <param name="Result">What came of it.</param>
/// <param name="Reason">Why it is refused; else null.</param>
/// <param name="Digest">Its digest; null when it could not be worked out.</param>
/// <param name="Ours">Digest of the clean view that this node holds in its place; null for nothing.</param>
public sealed record IntakeOutcome(IntakeResult Result, RefusalReason? Reason, ContentDigest? Digest, ContentDigest? Ours);
