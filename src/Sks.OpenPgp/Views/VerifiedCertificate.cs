namespace Sks.OpenPgp;

/// <summary>A certificate together with what verification found about each of its packets.</summary>
/// <param name="Certificate">The packets.</param>
/// <param name="Verdicts">
/// One verdict per packet, in the order of <see cref="Certificate.Packets"/>; not examined for what is no signature. Empty when nothing is
/// known.
/// </param>
public sealed record VerifiedCertificate(Certificate Certificate, ReadOnlyMemory<PacketVerdict> Verdicts)
{
    /// <summary>A certificate of which nothing is known.</summary>
    public static VerifiedCertificate Unexamined(Certificate certificate) => new(certificate, default);

    /// <summary>The union of several views of one certificate; the object itself when it has all packets of the others.</summary>
    /// <param name="views">Examined by the same rules; at least one that is not null.</param>
    public static VerifiedCertificate Unite(IEnumerable<VerifiedCertificate?> views)
    {
        VerifiedCertificate? all = null;
        foreach (VerifiedCertificate view in views.OfType<VerifiedCertificate>())
        {
            if (all is null)
                all = view;
            else if (new PacketSet(all.Certificate).RestOf(view.Certificate) is not null)
                all = Unite(all, view);
        }

        return all ?? throw new ArgumentException("There is no view.", nameof(views));
    }

    private static VerifiedCertificate Unite(VerifiedCertificate first, VerifiedCertificate second)
    {
        using var examination = new CertificateExamination(first.Certificate.PrimaryKey);
        examination.Add(first);
        examination.Add(second);
        return examination.Verdicts(CertificateMerger.Merge(first.Certificate, second.Certificate));
    }
}
