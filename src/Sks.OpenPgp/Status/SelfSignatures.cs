namespace Sks.OpenPgp;

/// <summary>The proven statements of an owner about one component, read once.</summary>
/// <remarks>
/// Statements from before the key existed, or from the future, are in the view but not listened to, revocations excepted. Where statements
/// contradict each other the newest counts; of several made in one second, the one whose bytes come last, so that everybody picks the same.
/// </remarks>
internal sealed class SelfSignatures
{
    private readonly List<SignaturePacket> _certifications = [];
    private readonly List<SignaturePacket> _revocations = [];

    private SelfSignatures(DateTimeOffset now) => Now = now.ToUnixTimeSeconds();

    /// <summary>Seconds since 1970 at which the certificate is looked at.</summary>
    public long Now { get; }

    /// <summary>The newest statement that is no revocation; one that has expired only where all have.</summary>
    public SignaturePacket? Newest => _certifications.LastOrDefault(signature => !HasExpired(signature)) ?? _certifications.LastOrDefault();

    /// <summary>Whether a revocation stands that no newer statement takes back.</summary>
    /// <remarks>Where that can be, hard ones are taken back as soft ones are.</remarks>
    /// <param name="isRestorable">Whether newer statements can take revocations back: for user IDs, not for keys.</param>
    public bool IsRevoked(bool isRestorable) => _revocations.Any(revocation =>
        !isRestorable || Newest is not { } newest || newest.CreationTime <= revocation.CreationTime);

    /// <summary>Reads the statements among the signatures of a component.</summary>
    /// <param name="signatures">The signatures.</param>
    /// <param name="verdicts">What verification found about each.</param>
    /// <param name="primaryKey">The key that makes statements.</param>
    /// <param name="now">The time of looking.</param>
    public static SelfSignatures Read(
        IReadOnlyList<Packet> signatures, ReadOnlySpan<PacketVerdict> verdicts, PublicKeyPacket primaryKey, DateTimeOffset now)
    {
        var statements = new SelfSignatures(now);
        for (int i = 0; i < signatures.Count; i++)
        {
            bool isProven = (verdicts[i] & PacketVerdict.OutcomeMask) == PacketVerdict.Proven;
            if (!isProven || !SignaturePacket.TryParse(signatures[i].Span, out SignaturePacket claims))
                continue;
            bool isOfThisTime = claims.CreationTime >= primaryKey.CreationTime && claims.CreationTime <= statements.Now;
            if (claims.IsRevocation)
                statements._revocations.Add(claims);
            else if (isOfThisTime && claims.Type != SignatureType.Attestation)
                statements._certifications.Add(claims);
        }

        statements.SortCertificationsByTime();
        return statements;
    }

    /// <summary>Whether a signature has expired, by its own word.</summary>
    public bool HasExpired(SignaturePacket signature) => ExpiryOf(signature) <= Now;

    /// <summary>When a signature expires, in seconds since 1970; null for never.</summary>
    public static long? ExpiryOf(SignaturePacket signature) =>
        signature.ExpiresAfter is > 0 and uint seconds ? (long)signature.CreationTime!.Value + seconds : null;

    // Stable, and signatures come sorted by their bytes.
    private void SortCertificationsByTime()
    {
        SignaturePacket[] sorted = [.. _certifications.OrderBy(static signature => signature.CreationTime)];
        _certifications.Clear();
        _certifications.AddRange(sorted);
    }
}
