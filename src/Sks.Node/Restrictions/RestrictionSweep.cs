using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>Has removed what is stored although it must not be.</summary>
/// <param name="store">Where.</param>
/// <param name="due">What must not be kept.</param>
/// <param name="erases">Whether bytes are to disappear from the disk.</param>
internal sealed class RestrictionSweep(CertificateStore store, RestrictionSet due, bool erases)
{
    // Of sixteen certificates that are as large as may be, a batch is still small enough.
    private const int MaxChanges = 16;
    private const int MaxFound = 100_000;

    /// <summary>Certificates that were removed as a whole so far.</summary>
    public long Removed { get; private set; }

    /// <summary>Certificates that lost packets so far.</summary>
    public long Rewritten { get; private set; }

    /// <summary>Has restrictions written, with the removal of what the indexes know to be hit in the same batch; if that is much, in the next ones.</summary>
    /// <param name="rows">What to write; may be empty.</param>
    /// <param name="subjects">What to look for.</param>
    /// <param name="written">Called when the restrictions are on disk.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task RunAsync(
        IReadOnlyList<RestrictionRow> rows, IEnumerable<RestrictionSubject> subjects, Action written, CancellationToken cancellationToken)
    {
        foreach (CertificateIdentity[] group in Find(subjects).Where(IsHit).Chunk(MaxChanges))
        {
            await CommitAsync(rows, group, cancellationToken).ConfigureAwait(false);
            if (rows.Count > 0)
                written();
            rows = [];
        }

        if (rows.Count == 0)
            return;
        await CommitAsync(rows, [], cancellationToken).ConfigureAwait(false);
        written();
    }

    /// <summary>
    /// Looks at every certificate. The indexes know an address by the user IDs that hold it where it belongs, but it is restricted wherever it stands.
    /// </summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task RunThroughAllAsync(CancellationToken cancellationToken)
    {
        foreach (CertificateIdentity[] group in FindAll(cancellationToken).Where(IsHit).Chunk(MaxChanges))
            await CommitAsync([], group, cancellationToken).ConfigureAwait(false);
    }

    private async Task CommitAsync(
        IReadOnlyList<RestrictionRow> rows, IReadOnlyList<CertificateIdentity> identities, CancellationToken cancellationToken)
    {
        RestrictionChange change;
        do
        {
            change = new RestrictionChange(rows, [.. identities.Select(Prepare).OfType<PreparedChange>()], erases);
        }
        while (await store.CommitAsync(change, cancellationToken).ConfigureAwait(false) == CommitResult.Conflict);

        int removed = change.Changes.Count(static change => change.IsRemoval);
        Removed += removed;
        Rewritten += change.Changes.Count - removed;
    }

    private List<CertificateIdentity> Find(IEnumerable<RestrictionSubject> subjects)
    {
        using StoreLease lease = store.TakeLease();
        return [.. subjects.SelectMany(subject => Find(lease.Reader, subject)).Distinct()];
    }

    private static IReadOnlyList<CertificateIdentity> Find(StoreReader reader, RestrictionSubject subject) => subject switch
    {
        RestrictionSubject.Certificate(var fingerprint) => reader.FindPrimary(fingerprint, MaxFound),
        RestrictionSubject.UserId(var fingerprint, _) => reader.FindPrimary(fingerprint, MaxFound),
        RestrictionSubject.Identity(var hash) => reader.FindHashedIdentity(hash.ToArray(), MaxFound),
        _ => throw new ArgumentOutOfRangeException(nameof(subject)),
    };

    private IEnumerable<CertificateIdentity> FindAll(CancellationToken cancellationToken)
    {
        using StoreSnapshot snapshot = store.TakeSnapshot();
        foreach (StoredCertificate stored in snapshot.ReadAll())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return stored.Identity;
        }
    }

    private bool IsHit(CertificateIdentity identity) => Prepare(identity) is not null;

    // Null when there is nothing to remove.
    private PreparedChange? Prepare(CertificateIdentity identity)
    {
        using StoreLease lease = store.TakeLease();
        if (lease.Reader.Find(identity) is not { } stored)
            return null;
        (bool isRestricted, CertificateViews? left) = due.Apply(stored, store.Policies);
        if (!isRestricted)
            return null;
        return left is null
            ? PreparedChange.CreateRemoval(stored, ChangeSource.Restriction)
            : PreparedChange.Create(left, stored, ChangeSource.Restriction);
    }
}
