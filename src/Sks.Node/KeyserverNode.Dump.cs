using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <content>Dumps.</content>
public sealed partial class KeyserverNode
{
    /// <summary>
    /// Every stored certificate that is not restricted, as a dump of one view holds it, in one snapshot, in an order that stays the same.
    /// </summary>
    /// <remarks>What SKS cannot hold has only a clean view: that is in both dumps. Works on all cores, a few hundred certificates ahead.</remarks>
    public IEnumerable<ServedCertificate> ReadForDump(ServedView view, CancellationToken cancellationToken = default)
    {
        using StoreSnapshot snapshot = _store.TakeSnapshot();
        int policy = _store.ServedPolicy;
        foreach (ServedCertificate? certificate in snapshot.ReadAll(stored => ForDump(stored, view, policy), cancellationToken))
        {
            if (certificate is not null)
                yield return certificate;
        }
    }

    /// <summary>The certificates of a dump that changed, as they are now. Those that are gone are not among them.</summary>
    /// <param name="view">As for whole dumps.</param>
    /// <param name="changed">Which, see <see cref="FindChanged(ChangeCursor)"/>.</param>
    public IEnumerable<ServedCertificate> ReadForDump(ServedView view, IEnumerable<CertificateIdentity> changed)
    {
        using StoreSnapshot snapshot = _store.TakeSnapshot();
        int policy = _store.ServedPolicy;
        foreach (CertificateIdentity identity in changed)
        {
            if (snapshot.Find(identity) is { } stored && ForDump(stored, view, policy) is { } certificate)
                yield return certificate;
        }
    }

    /// <summary>The certificates that changed behind a cursor, each once.</summary>
    /// <exception cref="CursorOutOfRangeException">The log does not go back so far, or has begun anew.</exception>
    public IReadOnlyCollection<CertificateIdentity> FindChanged(ChangeCursor after)
    {
        (ChangeCursor oldest, ChangeCursor newest) = _store.Cursors;
        if (after.Incarnation != oldest.Incarnation || after.Sequence < oldest.Sequence || after.Sequence > newest.Sequence)
            throw new CursorOutOfRangeException(oldest, newest);
        return FindChanged(after, static _ => true);
    }

    /// <summary>The certificates that changed at some time or later, each once.</summary>
    /// <remarks>The clock may have been set back: so all changes are looked at, and not only those behind the first.</remarks>
    /// <exception cref="CursorOutOfRangeException">The log does not go back so far.</exception>
    public IReadOnlyCollection<CertificateIdentity> FindChanged(DateTimeOffset since)
    {
        (ChangeCursor oldest, ChangeCursor newest) = _store.Cursors;

        // What is missing in the log was before its first change: that must be older than what is asked for.
        bool isWhole = oldest.Sequence == 0 || (_store.ReadChanges(oldest.Sequence) is [var first, ..] && first.Time < since);
        return isWhole ? FindChanged(oldest, change => change.Time >= since) : throw new CursorOutOfRangeException(oldest, newest);
    }

    private HashSet<CertificateIdentity> FindChanged(ChangeCursor after, Func<Change, bool> isWanted)
    {
        var found = new HashSet<CertificateIdentity>();
        ulong sequence = after.Sequence;
        while (_store.ReadChanges(sequence) is { Count: > 0 } changes)
        {
            foreach (Change change in changes.Where(isWanted))
                found.Add(change.Identity);
            sequence = changes[^1].Sequence;
        }

        // Read first, checked after: what is trimmed or replaced in between shows.
        (ChangeCursor oldest, ChangeCursor newest) = _store.Cursors;
        return oldest.Incarnation == after.Incarnation && oldest.Sequence <= after.Sequence ? found : throw new CursorOutOfRangeException(oldest, newest);
    }

    private ServedCertificate? ForDump(StoredCertificate stored, ServedView view, int policy)
    {
        ServedView kind = stored.Identity.Version > 4 ? ServedView.Clean : view;
        return Restrictions.Restrict(stored) is { } allowed ? ServedCertificate.Of(allowed, policy, kind) : null;
    }
}
