using Sks.OpenPgp;

namespace Sks.Benchmarks;

/// <summary>What is stored of a certificate that is new: everything in it verified.</summary>
internal static class FirstViews
{
    private static readonly CleanViewPolicy[] Policies = [CleanViewPolicy.Current];

    /// <summary>Verifies and selects.</summary>
    public static CertificateViews Of(Certificate certificate)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        return CertificateViews.Of(examination, certificate.PrimaryKey.Version > 4 ? null : certificate, Policies)
            ?? throw new InvalidOperationException("Nothing in the certificate is proven.");
    }
}
