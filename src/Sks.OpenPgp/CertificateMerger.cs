namespace Sks.OpenPgp;

/// <summary>Unites two versions of one certificate as SKS does ("yminsky.merge").</summary>
public static class CertificateMerger
{
    /// <summary>The union of both versions' packets.</summary>
    /// <remarks>
    /// Components that both have get the union of their signatures without repetitions; those that one has are taken as they
    /// are. Idempotent, commutative and associative (by digest) as long as neither side repeats a signature. Source: keyMerge.ml.
    /// </remarks>
    /// <exception cref="ArgumentException">The two have different primary key packets.</exception>
    public static Certificate Merge(Certificate first, Certificate second)
    {
        if (first.Identity != second.Identity || !first.PrimaryKey.Body.Span.SequenceEqual(second.PrimaryKey.Body.Span))
            throw new ArgumentException("Only versions of one certificate can be merged.", nameof(second));

        return new Certificate(
            first.PrimaryKey,
            SignatureList.Ascending(first.DirectSignatures.Concat(second.DirectSignatures)),
            ComponentList.Canonicalise([.. first.UserIds, .. second.UserIds]),
            ComponentList.Canonicalise([.. first.Subkeys, .. second.Subkeys]));
    }
}
