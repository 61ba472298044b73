using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>What there is to say to a peer that asks for something.</summary>
/// <param name="Certificate">What it can have; null for nothing.</param>
/// <param name="Reason">Why there is nothing; null when there is something.</param>
/// <param name="Digest">Digest of the clean view that is held, given or not; null when none is.</param>
public sealed record CertificateOffer(OfferedCertificate? Certificate, RefusalReason? Reason, ContentDigest? Digest);

/// <summary>Finds what peers ask for. For any number of threads.</summary>
public sealed class CertificateOffers
{
    private readonly CertificateStore _store;
    private readonly RestrictionService _restrictions;

    internal CertificateOffers(CertificateStore store, RestrictionService restrictions)
    {
        _store = store;
        _restrictions = restrictions;
    }

    /// <summary>The clean view whose digest starts with a prefix.</summary>
    /// <param name="prefix">First 8 bytes of the digest, big-endian. Where several have it, the first is given.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <exception cref="StorageException">The store is closing, or the record is damaged.</exception>
    public CertificateOffer Find(ulong prefix, int policyVersion)
    {
        ContentDigest? restricted = null;
        using StoreLease lease = _store.TakeLease();
        foreach ((ContentDigest digest, CertificateIdentity identity) in lease.Reader.FindContent(prefix, policyVersion))
        {
            // The index row may be of a moment before the record.
            if (lease.Reader.Find(identity) is not { } stored || stored.ContentDigest(policyVersion) != digest)
                continue;
            StoredCertificate? allowed = _restrictions.Restrict(stored);
            if (allowed?.ContentDigest(policyVersion) == digest && allowed.CleanView(policyVersion) is { } view)
                return new CertificateOffer(new OfferedCertificate(digest, identity, view.ToMemory()), null, digest);
            restricted ??= digest;
        }

        return new CertificateOffer(null, restricted is null ? RefusalReason.NotHeld : RefusalReason.Restricted, restricted);
    }
}
