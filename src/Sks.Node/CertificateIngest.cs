using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Has one certificate stored: reads what is there, merges, and hands the change to the writer.</summary>
/// <remarks>
/// Works optimistically on the caller's task. When the certificate was changed meanwhile, the work is done again in a lane
/// that only one caller per certificate has at a time, so that a certificate many submit at once makes progress.
/// </remarks>
internal sealed class CertificateIngest(CertificateStore store, RestrictionService restrictions, OpenPgpLimits limits, NodeMetrics metrics)
{
    private const int LaneCount = 64;

    private readonly SemaphoreSlim[] _lanes = [.. Enumerable.Range(0, LaneCount).Select(static _ => new SemaphoreSlim(1, 1))];

    /// <summary>Stores a certificate; answers when it is on disk.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<SubmissionOutcome> StoreAsync(Certificate certificate, ChangeSource source, CancellationToken cancellationToken)
    {
        SubmissionOutcome outcome = await TryStoreAsync(certificate, source, cancellationToken).ConfigureAwait(false)
            ?? await StoreInLaneAsync(certificate, source, cancellationToken).ConfigureAwait(false);
        metrics.Count(source, outcome);
        return outcome;
    }

    private async Task<SubmissionOutcome> StoreInLaneAsync(
        Certificate certificate, ChangeSource source, CancellationToken cancellationToken)
    {
        SemaphoreSlim lane = _lanes[(uint)certificate.Identity.GetHashCode() % LaneCount];
        await lane.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                if (await TryStoreAsync(certificate, source, cancellationToken).ConfigureAwait(false) is { } outcome)
                    return outcome;
            }
        }
        finally
        {
            lane.Release();
        }
    }

    // Null when the certificate was changed by someone else in the meantime.
    private async Task<SubmissionOutcome?> TryStoreAsync(
        Certificate certificate, ChangeSource source, CancellationToken cancellationToken)
    {
        (PreparedChange? change, SubmissionOutcome outcome) = PrepareRestricted(certificate, source);
        if (change is null)
            return outcome;
        CommitResult result = await store.CommitAsync(change, cancellationToken).ConfigureAwait(false);
        return result == CommitResult.Committed ? outcome : null;
    }

    // Of what is restricted in part, the rest is worked out; the writer makes sure that no restriction has come meanwhile.
    private (PreparedChange? Change, SubmissionOutcome Outcome) PrepareRestricted(Certificate certificate, ChangeSource source)
    {
        RestrictionState state = restrictions.State;
        if (state.Hidden.Apply(certificate).Certificate is not { } allowed)
            return (null, SubmissionOutcome.Rejected(RejectionReason.Restricted, certificate.PrimaryKey.Fingerprint));
        (PreparedChange? change, SubmissionOutcome outcome) = Prepare(allowed, source);
        change?.RestrictionVersion = state.Version;
        return (change, outcome);
    }

    private (PreparedChange? Change, SubmissionOutcome Outcome) Prepare(Certificate certificate, ChangeSource source)
    {
        Fingerprint fingerprint = certificate.PrimaryKey.Fingerprint;
        if (certificate.PrimaryKey.Version > 4)
            return (null, SubmissionOutcome.Rejected(RejectionReason.UnsupportedVersion, fingerprint));

        StoredCertificate? stored = Find(certificate.Identity);
        if (stored is null)
        {
            return (
                PreparedChange.Create(certificate, null, source),
                new SubmissionOutcome(SubmissionResult.Added, RejectionReason.None, fingerprint, certificate.Digest));
        }

        var unchanged = new SubmissionOutcome(SubmissionResult.Unchanged, RejectionReason.None, fingerprint, stored.SksDigest);
        if (stored.SksDigest == certificate.Digest)
            return (null, unchanged);

        Certificate current = stored.ReadFullView();
        Certificate? union = CertificateUnion.TryMerge(current, certificate, limits);
        if (union is null)
            return (null, SubmissionOutcome.Rejected(RejectionReason.TooLarge, fingerprint));
        if (union.Digest == stored.SksDigest)
            return (null, unchanged);
        return (
            PreparedChange.Create(union, (stored, current), source),
            new SubmissionOutcome(SubmissionResult.Updated, RejectionReason.None, fingerprint, union.Digest));
    }

    private StoredCertificate? Find(CertificateIdentity identity)
    {
        using StoreLease lease = store.TakeLease();
        return lease.Reader.Find(identity);
    }
}
