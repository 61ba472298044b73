using Sks.Node.Admission;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Has one certificate stored: reads what is there, verifies, decides, and hands the change to the writer.</summary>
/// <remarks>
/// Works optimistically on the caller's task. When the certificate was changed meanwhile, the work is done again in a lane
/// that only one caller per certificate has at a time, so that a certificate many submit at once makes progress. What was verified
/// before is not verified again.
/// </remarks>
internal sealed class CertificateIngest(
    CertificateStore store, AdmissionRules rules, RestrictionService restrictions, VerificationTurns turns, OutboxService outbox, NodeMetrics metrics)
{
    private const int LaneCount = 64;

    private readonly SemaphoreSlim[] _lanes = [.. Enumerable.Range(0, LaneCount).Select(static _ => new SemaphoreSlim(1, 1))];

    /// <summary>Stores a certificate; answers when it is on disk.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<SubmissionOutcome> StoreAsync(Certificate certificate, SubmissionOrigin origin, CancellationToken cancellationToken)
    {
        SubmissionOutcome outcome = await StoreAsync(new IngestCandidate(certificate, origin), cancellationToken).ConfigureAwait(false);
        metrics.Count(origin.Source, outcome);
        return outcome;
    }

    /// <summary>Stores a certificate without counting the outcome.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<SubmissionOutcome> StoreAsync(IngestCandidate candidate, CancellationToken cancellationToken) =>
        await TryStoreAsync(candidate, cancellationToken).ConfigureAwait(false)
            ?? await StoreInLaneAsync(candidate, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether nothing of a certificate would be left out, or it would be rejected.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task<bool> WouldKeepAllAsync(IngestCandidate candidate, CancellationToken cancellationToken)
    {
        RestrictedCertificate allowed = restrictions.State.Hidden.Apply(candidate.Certificate);
        if (allowed.Certificate is not { } rest)
            return true;
        using var admission = new CertificateAdmission(rules, Find(candidate.Certificate.Identity), VerifiedCertificate.Unexamined(rest));
        await turns.CompleteAsync(admission.Examination, candidate.Origin.Client, cancellationToken).ConfigureAwait(false);
        return admission.Decide(candidate.Origin.Source, mustBeProven: allowed.MustBeProven) is not { } views
            || (candidate.IsKept(views) && !admission.IsTooLarge(views));
    }

    private async Task<SubmissionOutcome> StoreInLaneAsync(IngestCandidate candidate, CancellationToken cancellationToken)
    {
        SemaphoreSlim lane = _lanes[(uint)candidate.Certificate.Identity.GetHashCode() % LaneCount];
        await lane.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                if (await TryStoreAsync(candidate, cancellationToken).ConfigureAwait(false) is { } outcome)
                    return outcome;
            }
        }
        finally
        {
            lane.Release();
        }
    }

    // Null when the certificate was changed by someone else, or something was restricted, in the meantime.
    private async Task<SubmissionOutcome?> TryStoreAsync(IngestCandidate candidate, CancellationToken cancellationToken)
    {
        RestrictionState state = restrictions.State;
        RestrictedCertificate allowed = state.Hidden.Apply(candidate.Certificate);
        return allowed.Certificate is null
            ? SubmissionOutcome.Rejected(RejectionReason.Restricted, candidate.Certificate.PrimaryKey.Fingerprint)
            : await TryStoreAsync(
                candidate.Restrict(allowed.Certificate), allowed.MustBeProven, state.Version, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SubmissionOutcome?> TryStoreAsync(
        IngestCandidate candidate, bool isErased, ulong restrictionVersion, CancellationToken cancellationToken)
    {
        Certificate certificate = candidate.Certificate;
        StoredCertificate? stored = Find(certificate.Identity);
        if (stored is not null && stored.HoldsAsFullView(certificate) && !stored.IsBehind(rules.Policies))
            return Unchanged(stored);

        using var admission = new CertificateAdmission(rules, stored, candidate.Verified);
        await turns.CompleteAsync(admission.Examination, candidate.Origin.Client, cancellationToken).ConfigureAwait(false);
        candidate.Verified = admission.Examination.Verdicts(certificate);
        CertificateViews? views = admission.Decide(candidate.Origin.Source, mustBeProven: isErased);
        if (views is not null && admission.IsTooLarge(views))
            return await StoreRevocationsAsync(candidate, isErased, restrictionVersion, cancellationToken).ConfigureAwait(false);
        if (views is not null && candidate.MustBeProven && !candidate.IsProven && !candidate.IsIn(views))
            return SubmissionOutcome.Rejected(RejectionReason.StandaloneRevocation, certificate.PrimaryKey.Fingerprint);

        SubmissionOutcome? outcome = views switch
        {
            null => SubmissionOutcome.Rejected(
                isErased ? RejectionReason.Restricted : RejectionReason.NothingProven, certificate.PrimaryKey.Fingerprint),
            _ when admission.IsStored(views) => Unchanged(stored!),
            _ => await CommitAsync(
                PreparedChange.Create(views, stored, candidate.Origin.Source, restrictionVersion, outbox.Keep(candidate, views), store.Dialects),
                cancellationToken).ConfigureAwait(false),
        };
        if (outcome is not null)
            metrics.CountLeftOut(admission.CountLeftOut());
        return outcome;
    }

    // Null when the certificate was changed by someone else, or something was restricted, in the meantime.
    private async Task<SubmissionOutcome?> CommitAsync(PreparedChange change, CancellationToken cancellationToken)
    {
        if (await store.CommitAsync(change, cancellationToken).ConfigureAwait(false) != CommitResult.Committed)
            return null;
        int policy = store.ServedPolicy;
        return new SubmissionOutcome(
            change.IsAddition ? SubmissionResult.Added : SubmissionResult.Updated,
            RejectionReason.None,
            change.Identity.Fingerprint,
            change.NewDigest)
        {
            ContentDigest = change.NewContent(policy),
            PolicyVersion = policy,
        };
    }

    // Of what would make a certificate too large, at least the revocations.
    private async Task<SubmissionOutcome?> StoreRevocationsAsync(
        IngestCandidate candidate, bool isErased, ulong restrictionVersion, CancellationToken cancellationToken) =>
        CertificateReducer.OnlyRevocations(candidate.Certificate) is { } revocations
            ? await TryStoreAsync(candidate.Restrict(revocations), isErased, restrictionVersion, cancellationToken).ConfigureAwait(false)
            : SubmissionOutcome.Rejected(RejectionReason.TooLarge, candidate.Certificate.PrimaryKey.Fingerprint);

    private SubmissionOutcome Unchanged(StoredCertificate stored)
    {
        int policy = store.ServedPolicy;
        return new SubmissionOutcome(SubmissionResult.Unchanged, RejectionReason.None, stored.Identity.Fingerprint, stored.SksDigest)
        {
            ContentDigest = stored.ContentDigest(policy),
            PolicyVersion = policy,
        };
    }

    private StoredCertificate? Find(CertificateIdentity identity)
    {
        using StoreLease lease = store.TakeLease();
        return lease.Reader.Find(identity);
    }
}
