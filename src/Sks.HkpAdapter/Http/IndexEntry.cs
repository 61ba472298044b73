using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>A certificate as indexes show it.</summary>
internal sealed class IndexEntry
{
    private readonly VerifiedCertificate _verified;
    private SignatureVerdicts? _verdicts;

    private IndexEntry(ServedCertificate served, VerifiedCertificate verified, CertificateStatus status, bool isRevoked)
    {
        Served = served;
        _verified = verified;
        Status = status;
        IsRevoked = isRevoked;
    }

    /// <summary>The certificate, and the view that is shown.</summary>
    public ServedCertificate Served { get; }

    /// <summary>What its owner says about it.</summary>
    public CertificateStatus Status { get; }

    /// <summary>Whether the owner has revoked the key, or somebody whom the owner has designated for that.</summary>
    public bool IsRevoked { get; }

    /// <summary>The primary key.</summary>
    public PublicKeyPacket PrimaryKey => Status.PrimaryKey;

    /// <summary>What verification found about each signature.</summary>
    public SignatureVerdicts Verdicts => _verdicts ??= new SignatureVerdicts(_verified);

    /// <summary>Reads a certificate.</summary>
    /// <param name="served">The certificate, and the view to show.</param>
    /// <param name="now">The time of looking.</param>
    /// <param name="revokers">Tells whose revocations by others are.</param>
    /// <exception cref="Storage.StorageException">The record is damaged.</exception>
    public static IndexEntry Of(ServedCertificate served, DateTimeOffset now, DesignatedRevokers revokers)
    {
        VerifiedCertificate verified = served.Read();
        var status = CertificateStatus.Of(verified, now);
        return new IndexEntry(served, verified, status, status.IsRevoked || revokers.HaveRevoked(status));
    }
}
