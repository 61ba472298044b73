using Sks.OpenPgp;

namespace Sks.Storage.Tests;

/// <summary>What a node does when a certificate comes in, as simply as can be.</summary>
internal static class Merging
{
    /// <summary>The union of what is stored and what comes in, under the policy of today.</summary>
    public static CertificateViews? Unite(StoredCertificate? stored, Certificate incoming) => Unite(stored, incoming, [CleanViewPolicy.Current]);

    /// <summary>The union of what is stored and what comes in.</summary>
    public static CertificateViews? Unite(StoredCertificate? stored, Certificate incoming, IReadOnlyList<CleanViewPolicy> policies)
    {
        using var examination = new CertificateExamination(incoming.PrimaryKey);
        examination.Add(incoming);
        Certificate? full = incoming.PrimaryKey.Version > 4 ? null : incoming;
        if (stored is not null)
        {
            StoredViews views = StoredViews.Read(stored);
            foreach ((_, VerifiedCertificate clean) in views.Clean)
                examination.Add(clean);
            if (views.Full is not null)
            {
                examination.Add(views.Full);
                full = CertificateMerger.Merge(views.Full.Certificate, incoming);
            }
        }

        return CertificateViews.Of(examination, full, policies);
    }

    /// <summary>The views of a certificate of which nothing is stored.</summary>
    public static CertificateViews ViewsOf(Certificate certificate) =>
        Unite(null, certificate) ?? throw new InvalidOperationException("Nothing in the certificate is proven.");

    /// <summary>The change that stores a new certificate.</summary>
    public static PreparedChange Addition(Certificate certificate) => PreparedChange.Create(ViewsOf(certificate), null, ChangeSource.Hkp);
}
