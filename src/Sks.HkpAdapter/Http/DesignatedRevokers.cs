using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>Finds out for one answer which revocations by designated revokers are really theirs.</summary>
/// <remarks>
/// A revoker's signature can only be verified with the revoker's key, which is in another certificate, if here at all: hence this changes
/// what is displayed and never what is in a view. The number of look-ups is bounded; what is not looked at does not count.
/// </remarks>
internal sealed class DesignatedRevokers(CertificateQuery query)
{
    private const int MaxPerCertificate = 16;
    private const int MaxPerAnswer = 256;

    private readonly Dictionary<Fingerprint, PublicKeyPacket?> _keys = [];
    private int _rest = MaxPerAnswer;

    /// <summary>Whether one of them has revoked a key.</summary>
    public bool HaveRevoked(CertificateStatus certificate)
    {
        foreach (DesignatedRevocation revocation in certificate.DesignatedRevocations.Take(MaxPerCertificate))
        {
            if (_rest-- <= 0)
                return false;
            if (FindKey(revocation.Revoker.Fingerprint) is { } revoker && revocation.IsBy(certificate.PrimaryKey, revoker))
                return true;
        }

        return false;
    }

    private PublicKeyPacket? FindKey(Fingerprint fingerprint)
    {
        if (_keys.TryGetValue(fingerprint, out PublicKeyPacket? key))
            return key;
        key = query.FindPrimaryKey(fingerprint); // the fingerprint proves it, whatever else of its certificate is proven
        _keys.Add(fingerprint, key);
        return key;
    }
}
