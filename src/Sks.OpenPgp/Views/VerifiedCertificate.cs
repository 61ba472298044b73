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
}
