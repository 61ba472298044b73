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
    private const int MaxFound = 1000;
    private const int MaxCandidates = 64;

    /// <summary>Stores those that can be.</summary>
    /// <returns>The outcome of the first that was rejected, else of the last.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<SubmissionOutcome> StoreAsync(
        IReadOnlyList<(Packet Packet, KeyId Issuer)> revocations, SubmissionOrigin origin, CancellationToken cancellationToken)
    {
        List<SubmissionOutcome> outcomes = [];
        foreach ((Packet packet, KeyId issuer) in revocations)
            outcomes.Add(await StoreAsync(packet, issuer, origin, cancellationToken).ConfigureAwait(false));

        SubmissionOutcome outcome = outcomes.Find(static outcome => outcome.Result == SubmissionResult.Rejected) ?? outcomes[^1];
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

    // Key IDs of versions 2 and 3 can be chosen at will, so those come last.
    private List<PublicKeyPacket> FindPrimaryKeys(KeyId keyId)
    {
        using StoreLease lease = store.TakeLease();
        List<PublicKeyPacket> keys = [];
        IEnumerable<CertificateIdentity> found = lease.Reader.Find(keyId, MaxFound).OrderByDescending(static identity => identity.Version);
        foreach (CertificateIdentity identity in found.Take(MaxCandidates))
        {
            PublicKeyPacket? key = lease.Reader.Find(identity)?.ReadPrimaryKey();
            if (key is not null && key.KeyId == keyId)
                keys.Add(key);
        }

        return keys;
    }
}
