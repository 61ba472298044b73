using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>A packet of a stored certificate, and why it is shown or not.</summary>
/// <param name="Finding">The packet, what verification found, and its fate under the policy that is served.</param>
/// <param name="IsInFullView">Whether the full view holds it.</param>
public sealed record ExplainedPacket(PacketFinding Finding, bool IsInFullView);

/// <summary>A stored certificate, packet by packet.</summary>
/// <param name="Stored">The certificate.</param>
/// <param name="PolicyVersion">The policy that the fates are decided by.</param>
/// <param name="Packets">Each packet of either view once, in canonical order.</param>
/// <param name="Digests">What SKS and each dialect that is kept up call it; null where they hold nothing of it.</param>
public sealed record CertificateExplanation(
    StoredCertificate Stored, int PolicyVersion, IReadOnlyList<ExplainedPacket> Packets, IReadOnlyList<(string Profile, SksDigest? Digest)> Digests)
{
    private const string SksProfile = "sks";

    /// <summary>Explains a certificate by what the store knows of it; nothing is verified again.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public static CertificateExplanation Of(StoredCertificate stored, CleanViewPolicy policy, IReadOnlyList<Dialect> dialects)
    {
        VerifiedCertificate? full = stored.ReadFullView();
        VerifiedCertificate? clean = stored.ReadCleanView(policy.Version);
        using var examination = new CertificateExamination(stored.ReadPrimaryKey());
        foreach (VerifiedCertificate? view in (VerifiedCertificate?[])[full, clean])
        {
            if (view is not null)
                examination.Add(view);
        }

        var inFull = new PacketSet(full?.Certificate);
        return new CertificateExplanation(
            stored,
            policy.Version,
            [.. examination.Explain(policy).Select(finding => new ExplainedPacket(finding, Contains(inFull, full, finding)))],
            [(SksProfile, full?.Certificate.Digest), .. dialects.Select(dialect => (dialect.Name, stored.ReadView(dialect)?.Digest))]);
    }

    private static bool Contains(PacketSet packets, VerifiedCertificate? full, PacketFinding finding) => finding.Packet.Tag switch
    {
        PacketTag.PublicKey => full is not null,
        PacketTag.Signature => packets.ContainsSignature(finding.Component, finding.Packet),
        _ => packets.ContainsComponent(finding.Packet),
    };
}
