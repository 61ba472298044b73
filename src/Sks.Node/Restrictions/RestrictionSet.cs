using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>What may be left of a certificate.</summary>
/// <param name="Certificate">The packets that may be stored and served; null when none may.</param>
/// <param name="MustBeProven">
/// Whether it is what is left of an erased certificate: primary key and revocations, of which only those are to be kept that are verified.
/// </param>
internal readonly record struct RestrictedCertificate(Certificate? Certificate, bool MustBeProven);

/// <summary>What must not be stored or served, for quick answers. Immutable, for any number of threads.</summary>
internal sealed class RestrictionSet
{
    private readonly Dictionary<Fingerprint, RestrictionKind> _certificates = [];
    private readonly Dictionary<Fingerprint, HashSet<TextHash>> _userIds = [];
    private readonly HashSet<TextHash> _identities = [];

    private RestrictionSet()
    {
    }

    /// <summary>Nothing is restricted.</summary>
    public static RestrictionSet Empty { get; } = new();

    /// <summary>Whether nothing is restricted.</summary>
    public bool IsEmpty => _certificates.Count == 0 && _userIds.Count == 0 && _identities.Count == 0;

    /// <summary>All that must not be served or taken in: an erasure that waits counts as a block.</summary>
    public static RestrictionSet OfAll(IEnumerable<RestrictionEntry> inForce, DateTimeOffset now) =>
        Create(inForce.Select(entry => (entry.Record.Subject, entry.IsPending(now) ? RestrictionKind.Block : entry.Record.Kind)));

    /// <summary>All that must not be kept: erasures that wait are left out.</summary>
    public static RestrictionSet OfDue(IEnumerable<RestrictionEntry> inForce, DateTimeOffset now) =>
        Create(inForce.Where(entry => !entry.IsPending(now)).Select(static entry => (entry.Record.Subject, entry.Record.Kind)));

    /// <summary>All whose bytes must not be on the disk.</summary>
    public static RestrictionSet OfDueErasures(IEnumerable<RestrictionEntry> inForce, DateTimeOffset now) =>
        OfDue(inForce.Where(static entry => entry.Record.Kind == RestrictionKind.Erase), now);

    /// <summary>Whether a certificate or user IDs of it are restricted by its fingerprint.</summary>
    public bool Names(Fingerprint fingerprint) => _certificates.ContainsKey(fingerprint) || _userIds.ContainsKey(fingerprint);

    /// <summary>Whether nothing of a certificate may be left, whatever is in it.</summary>
    public bool Blocks(Fingerprint fingerprint) => _certificates.GetValueOrDefault(fingerprint) == RestrictionKind.Block;

    /// <summary>What may be left of a certificate; the same object when nothing in it is restricted.</summary>
    public RestrictedCertificate Apply(Certificate certificate)
    {
        Fingerprint fingerprint = certificate.PrimaryKey.Fingerprint;
        return _certificates.GetValueOrDefault(fingerprint) switch
        {
            RestrictionKind.Block => new(null, false),
            RestrictionKind.Erase => new(CertificateReducer.OnlyRevocations(certificate), true),
            _ when MayHideUserIds(fingerprint) => new(CertificateReducer.WithoutUserIds(certificate, userId => IsRestricted(fingerprint, userId.Span)), false),
            _ => new(certificate, false),
        };
    }

    /// <summary>What may be left of a stored certificate.</summary>
    /// <param name="stored">The certificate.</param>
    /// <param name="policies">The maintained policies, by ascending version.</param>
    /// <returns>Whether anything in it is restricted, and the views of what may be left; null when nothing may.</returns>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public (bool IsRestricted, CertificateViews? Left) Apply(StoredCertificate stored, IReadOnlyList<CleanViewPolicy> policies)
    {
        Fingerprint fingerprint = stored.Identity.Fingerprint;
        RestrictionKind kind = _certificates.GetValueOrDefault(fingerprint);
        if (kind == RestrictionKind.Block)
            return (true, null);
        return kind == RestrictionKind.Erase || MayHideUserIds(fingerprint)
            ? stored.Reduce(certificate => Apply(certificate).Certificate, kind == RestrictionKind.Erase, policies)
            : (false, null);
    }

    private static RestrictionSet Create(IEnumerable<(RestrictionSubject Subject, RestrictionKind Kind)> restrictions)
    {
        var set = new RestrictionSet();
        foreach ((RestrictionSubject subject, RestrictionKind kind) in restrictions)
            set.Add(subject, kind);
        return set;
    }

    // Of several origins' demands the block goes before the erasure, as it leaves less.
    private void Add(RestrictionSubject subject, RestrictionKind kind)
    {
        switch (subject)
        {
            case RestrictionSubject.Certificate(var fingerprint):
                bool isKnown = _certificates.TryGetValue(fingerprint, out RestrictionKind known);
                _certificates[fingerprint] = isKnown && known == RestrictionKind.Block ? known : kind;
                break;
            case RestrictionSubject.UserId(var fingerprint, var hash):
                if (!_userIds.TryGetValue(fingerprint, out HashSet<TextHash>? hashes))
                    _userIds.Add(fingerprint, hashes = []);
                hashes.Add(hash);
                break;
            case RestrictionSubject.Identity(var hash):
                _identities.Add(hash);
                break;
        }
    }

    private bool MayHideUserIds(Fingerprint fingerprint) => _identities.Count > 0 || _userIds.ContainsKey(fingerprint);

    private bool IsRestricted(Fingerprint fingerprint, ReadOnlySpan<byte> userId)
    {
        if (_userIds.TryGetValue(fingerprint, out HashSet<TextHash>? hashes) && hashes.Contains(TextHash.Of(userId)))
            return true;
        return _identities.Count > 0 && HasRestrictedIdentity(UserIdText.Decode(userId));
    }

    // Also an address that stands where no search would find it. Where there are more than can be looked at, one of them could be it.
    private bool HasRestrictedIdentity(string text)
    {
        if (_identities.Contains(TextHash.OfIdentity(text)))
            return true;
        if (UserIdText.TryFindAddress(text, out string address) && _identities.Contains(TextHash.OfIdentity(address)))
            return true;
        bool isComplete = AddressCandidates.TryFind(text, out IReadOnlyList<string> candidates);
        return !isComplete || candidates.Any(candidate => _identities.Contains(TextHash.OfIdentity(candidate)));
    }
}
