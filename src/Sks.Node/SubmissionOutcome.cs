using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>What became of one certificate of a submission.</summary>
public enum SubmissionResult
{
    /// <summary>It is new and stored.</summary>
    Added,

    /// <summary>It brought something new, and the union is stored.</summary>
    Updated,

    /// <summary>Everything in it was stored already.</summary>
    Unchanged,

    /// <summary>It was not accepted.</summary>
    Rejected,
}

/// <summary>Why a certificate was not accepted. The names appear in counters and APIs.</summary>
public enum RejectionReason
{
    /// <summary>It was accepted.</summary>
    None = 0,

    /// <summary>Its packets could not be framed.</summary>
    MalformedPackets,

    /// <summary>Packets of a type or in an order that a certificate does not allow.</summary>
    MalformedCertificate,

    /// <summary>The input ends inside it.</summary>
    Truncated,

    /// <summary>It, or a packet of it, is larger than the limit.</summary>
    TooLarge,

    /// <summary>A revocation on its own, by no key that is stored here.</summary>
    StandaloneRevocation,

    /// <summary>It holds secret key material.</summary>
    SecretKey,

    /// <summary>A key version that is not stored here.</summary>
    UnsupportedVersion,

    /// <summary>Armor that does not hold base64.</summary>
    BadArmor,

    /// <summary>There is no OpenPGP data at all.</summary>
    NoData,

    /// <summary>One submission holds more certificates than the limit.</summary>
    TooManyCertificates,

    /// <summary>No signature of its own key supports anything in it.</summary>
    NothingProven,

    /// <summary>The operator does not allow it here.</summary>
    Restricted,
}

/// <summary>What became of one certificate of a submission. By the time it is known the change is on disk.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Reason">Why it was rejected.</param>
/// <param name="Fingerprint">Its fingerprint, when it could be read.</param>
/// <param name="Digest">Digest of the full view that is stored now; null when rejected, and where there is none.</param>
public sealed record SubmissionOutcome(SubmissionResult Result, RejectionReason Reason, Fingerprint? Fingerprint, SksDigest? Digest)
{
    /// <summary>Digest of the clean view that is stored now; null when rejected, and when nothing is proven.</summary>
    public ContentDigest? ContentDigest { get; init; }

    /// <summary>Version of the policy of <see cref="ContentDigest"/>.</summary>
    public int PolicyVersion { get; init; }

    /// <summary>An outcome without a fingerprint: the bytes were not readable enough to have one.</summary>
    public static SubmissionOutcome Rejected(RejectionReason reason, Fingerprint? fingerprint = null) =>
        new(SubmissionResult.Rejected, reason, fingerprint, null);
}
