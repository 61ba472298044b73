using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>Has removed what is stored although it must not be.</summary>
/// <param name="store">Where.</param>
/// <param name="state">What must not be kept.</param>
internal sealed class RestrictionSweep(CertificateStore store, RestrictionState state)
{
    // Of sixteen certificates that are as large as may be, a batch is still small enough.
    private const int MaxChanges = 16;
    private const int MaxFound = 100_000;

    /// <summary>Certificates that were removed as a whole so far.</summary>
    public long Removed { get; private set; }

    /// <summary>Certificates that lost packets so far.</summary>
    public long Rewritten { get; private set; }

    /// <summary>
    /// Has restrictions written, with the removal of what the indexes know to be hit in the same batch; if that is much, in the next ones.
    /// </summary>
    /// <param name="rows">What to write; may be empty.</param>
    /// <param name="subjects">What to look for.</param>
    /// <param name="erases">Whether what <paramref name="rows"/> demand to erase may be on the disk, found or not.</param>
    /// <param name="written">Called when the restrictions are on disk.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task RunAsync(
        IReadOnlyList<RestrictionRow> rows,
        IEnumerable<RestrictionSubject> subjects,
        bool erases,
        Action written,
        CancellationToken cancellationToken)
    {
        foreach (CertificateIdentity[] group in Find(subjects).Where(IsHit).Chunk(MaxChanges))
        {
            await CommitAsync(rows, group, erases, cancellationToken).ConfigureAwait(false);
            if (rows.Count > 0)
                written();
            (rows, erases) = ([], false);
        }

        if (rows.Count == 0)
            return;
        await CommitAsync(rows, [], erases, cancellationToken).ConfigureAwait(false);
        written();
    }

    /// <summary>
    /// Looks at every certificate. The indexes know an address by the user IDs that hold it where it belongs, but it is restricted wherever
    /// it stands.
    /// </summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task RunThroughAllAsync(CancellationToken cancellationToken)
    {
        foreach (CertificateIdentity[] group in FindAll(cancellationToken).Where(IsHit).Chunk(MaxChanges))
            await CommitAsync([], group, false, cancellationToken).ConfigureAwait(false);
    }

    private async Task CommitAsync(
        IReadOnlyList<RestrictionRow> rows, IReadOnlyList<CertificateIdentity> identities, bool erases, CancellationToken cancellationToken)
    {
        RestrictionChange change;
        do
        {
            List<Hit> hits = [.. identities.Select(Find).OfType<Hit>()];
            change = new RestrictionChange(rows, [.. hits.Select(static hit => hit.Change)], erases || hits.Exists(static hit => hit.Erases));
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
        foreach (CertificateIdentity identity in snapshot.ReadIdentities())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return identity;
        }
    }

    private bool IsHit(CertificateIdentity identity) => Find(identity) is not null;

    // Null when there is nothing to remove. One damaged record must not keep the others in public: it goes as a whole when its key says that
    // something in it is restricted, and else is left to a check of the store, as nothing of it can be served.
    private Hit? Find(CertificateIdentity identity)
    {
        using StoreLease lease = store.TakeLease();
        try
        {
            return lease.Reader.Find(identity) is { } stored ? Find(stored) : null;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Corrupt)
        {
            return state.Due.Names(identity.Fingerprint)
                && PreparedChange.CreateRemoval(lease.Reader, identity, ChangeSource.Restriction) is { } removal
                ? new Hit(removal, state.Erased.Names(identity.Fingerprint))
                : null;
        }
    }

    private Hit? Find(StoredCertificate stored)
    {
        (bool isRestricted, CertificateViews? left) = state.Due.Apply(stored, store.Policies);
        if (!isRestricted)
            return null;
        PreparedChange change = left is null
            ? PreparedChange.CreateRemoval(stored, ChangeSource.Restriction)
            : PreparedChange.Create(left, stored, ChangeSource.Restriction, dialects: store.Dialects);
        return new Hit(change, state.Erased.Apply(stored, store.Policies).IsRestricted);
    }

    private sealed record Hit(PreparedChange Change, bool Erases);
}
