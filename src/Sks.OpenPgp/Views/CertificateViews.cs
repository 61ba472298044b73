namespace Sks.OpenPgp;

/// <summary>All that is stored of one certificate: its views, with the verdicts on their packets.</summary>
/// <remarks>There is a full view, a clean view with packets, or both.</remarks>
public sealed class CertificateViews
{
    private readonly VerifiedCertificate?[] _verifiedClean;
    private VerifiedCertificate? _held;

    private CertificateViews(VerifiedCertificate? full, CleanView[] clean, VerifiedCertificate?[] verifiedClean)
    {
        VerifiedFull = full;
        Clean = clean;
        _verifiedClean = verifiedClean;
        Certificate any = Full ?? clean.First(static view => view.Certificate is not null).Certificate!;
        Identity = any.Identity;
        PrimaryKey = any.PrimaryKey;
    }

    /// <summary>Which certificate.</summary>
    public CertificateIdentity Identity { get; }

    /// <summary>The primary key.</summary>
    public PublicKeyPacket PrimaryKey { get; }

    /// <summary>What SKS would hold; null for version 6, which it cannot hold, and for what only modern peers have brought.</summary>
    public Certificate? Full => VerifiedFull?.Certificate;

    /// <summary>The full view with its verdicts.</summary>
    public VerifiedCertificate? VerifiedFull { get; }

    /// <summary>One view per maintained policy, by ascending version; one without packets says that nothing is proven.</summary>
    public IReadOnlyList<CleanView> Clean { get; }

    /// <summary>The packets of all views with their verdicts: all that is held of the certificate.</summary>
    public VerifiedCertificate Held => _held ??= VerifiedCertificate.Unite([VerifiedFull, .. _verifiedClean]);

    /// <summary>A clean view with its verdicts; null when it has no packets.</summary>
    /// <param name="index">Its place in <see cref="Clean"/>.</param>
    public VerifiedCertificate? VerifiedClean(int index) => _verifiedClean[index];

    /// <summary>Works out the views of what was examined.</summary>
    /// <param name="examination">Everything that counts; the packets of the full view among it.</param>
    /// <param name="full">The full view; null when there is to be none.</param>
    /// <param name="policies">The maintained policies, by ascending version.</param>
    /// <returns>Null when there is no full view and nothing is proven: that is not to be stored.</returns>
    /// <exception cref="ArgumentException">SKS cannot hold a version 6 certificate.</exception>
    public static CertificateViews? Of(CertificateExamination examination, Certificate? full, IReadOnlyList<CleanViewPolicy> policies) =>
        Of(examination, full, [.. policies.Select(examination.Select)]);

    /// <summary>Puts views together that were made of what was examined.</summary>
    /// <param name="examination">Everything that counts, verified; the packets of all views among it.</param>
    /// <param name="full">The full view; null when there is to be none.</param>
    /// <param name="clean">The clean views, by ascending policy version.</param>
    /// <returns>Null when none of them has a packet.</returns>
    /// <exception cref="ArgumentException">SKS cannot hold a version 6 certificate, or the order is wrong.</exception>
    public static CertificateViews? Of(CertificateExamination examination, Certificate? full, params CleanView[] clean)
    {
        if (full?.PrimaryKey.Version > 4)
            throw new ArgumentException("SKS cannot hold a version 6 certificate.", nameof(full));
        for (int i = 1; i < clean.Length; i++)
        {
            if (clean[i - 1].PolicyVersion >= clean[i].PolicyVersion)
                throw new ArgumentException("Views must be in the order of their policies.", nameof(clean));
        }

        if (full is null && clean.All(static view => view.Certificate is null))
            return null;
        return new CertificateViews(
            full is null ? null : examination.Verdicts(full),
            clean,
            [.. clean.Select(view => view.Certificate is null ? null : examination.Verdicts(view.Certificate))]);
    }
}
