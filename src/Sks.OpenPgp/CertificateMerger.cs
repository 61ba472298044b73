namespace Sks.OpenPgp;

/// <summary>Unites two versions of one certificate as SKS does ("yminsky.merge").</summary>
public static class CertificateMerger
{
    /// <summary>The union of both versions' packets.</summary>
    /// <remarks>
    /// Components that both have get the union of their signatures without repetitions; those that one has are taken as they
    /// are. Versions with equal digests are not merged, as SKS looks for that first: repeated signatures stay. Commutative and
    /// idempotent by digest, and associative as long as no side repeats a signature. Source: keyMerge.ml.
    /// </remarks>
    /// <exception cref="ArgumentException">The two have different primary key packets.</exception>
    public static Certificate Merge(Certificate first, Certificate second)
    {
        if (first.Identity != second.Identity || !first.PrimaryKey.Body.Span.SequenceEqual(second.PrimaryKey.Body.Span))
            throw new ArgumentException("Only versions of one certificate can be merged.", nameof(second));
        if (first.Digest == second.Digest)
            return first;

        return new Certificate(
            first.PrimaryKey,
            first.Identity,
            SignatureList.Ascending([.. first.DirectSignatures, .. second.DirectSignatures]),
            ComponentList.Canonicalise([.. first.UserIds, .. second.UserIds]),
            ComponentList.Canonicalise([.. first.Subkeys, .. second.Subkeys]));
    }
}
