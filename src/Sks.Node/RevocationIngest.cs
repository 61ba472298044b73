using Sks.Node.Admission;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Has key revocations stored that come without their certificate.</summary>
/// <remarks>
/// A revocation names its issuer by key ID, and several stored certificates may have that: it goes to the one whose key made it. Whatever
/// the policy for submissions, one that proves nothing is not stored.
/// </remarks>
internal sealed class RevocationIngest(CertificateStore store, CertificateIngest ingest, NodeMetrics metrics)
{
    private const int MaxCandidates = 8;

    /// <summary>Stores all of them, or says why one could not be.</summary>
    /// <returns>The outcome of the first that was rejected, else of the last.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<SubmissionOutcome> StoreAsync(
        IReadOnlyList<(Packet Packet, KeyId Issuer)> revocations, SubmissionOrigin origin, CancellationToken cancellationToken)
    {
        SubmissionOutcome outcome = SubmissionOutcome.Rejected(RejectionReason.StandaloneRevocation);
        foreach ((Packet packet, KeyId issuer) in revocations)
        {
            outcome = await StoreAsync(packet, issuer, origin, cancellationToken).ConfigureAwait(false);
            if (outcome.Result == SubmissionResult.Rejected)
                break;
        }

        metrics.Count(origin.Source, outcome);
        return outcome;
    }

    private async Task<SubmissionOutcome> StoreAsync(
        Packet revocation, KeyId issuer, SubmissionOrigin origin, CancellationToken cancellationToken)
    {
        foreach (PublicKeyPacket primaryKey in FindPrimaryKeys(issuer))
        {
            var candidate = new IngestCandidate(BareRevocation.AttachTo(primaryKey, revocation), origin) { MustBeProven = true };
            SubmissionOutcome outcome = await ingest.StoreAsync(candidate, cancellationToken).ConfigureAwait(false);
            if (outcome.Reason != RejectionReason.StandaloneRevocation)
                return outcome;
        }

        return SubmissionOutcome.Rejected(RejectionReason.StandaloneRevocation);
    }

    private List<PublicKeyPacket> FindPrimaryKeys(KeyId keyId)
    {
        using StoreLease lease = store.TakeLease();
        List<PublicKeyPacket> keys = [];
        foreach (CertificateIdentity identity in lease.Reader.Find(keyId, MaxCandidates))
        {
            PublicKeyPacket? key = lease.Reader.Find(identity)?.ReadPrimaryKey();
            if (key is not null && key.KeyId == keyId)
                keys.Add(key);
        }

        return keys;
    }
}
