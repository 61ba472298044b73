using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Looks certificates up.</summary>
public sealed class CertificateQuery
{
    // Each is read whole.
    private const int MaxExplained = 16;

    private readonly CertificateStore _store;
    private readonly KeyserverOptions _options;
    private readonly RestrictionService _restrictions;

    internal CertificateQuery(CertificateStore store, KeyserverOptions options, RestrictionService restrictions)
    {
        _restrictions = restrictions;
        _store = store;
        _options = options;
    }

    /// <summary>Finds what <paramref name="selector"/> names, as far as it has the view that is asked for.</summary>
    /// <remarks>User IDs, words and subkeys are found where they are proven, whichever view is asked for.</remarks>
    /// <exception cref="StorageException">The store is closed.</exception>
    public QueryResult Find(CertificateSelector selector, ServedView view = ServedView.Clean)
    {
        using StoreLease lease = _store.TakeLease();
        StoreReader reader = lease.Reader;
        int limit = _options.MaxMatches;
        return selector switch
        {
            CertificateSelector.ByFingerprint(var fingerprint) => Load(reader, reader.Find(fingerprint, limit), view),
            CertificateSelector.ByKeyId(var keyId) => Load(reader, reader.Find(keyId, limit), view),
            CertificateSelector.ByDigest(var digest) => Load(reader, reader.Find(digest) is { } found ? [found.Identity] : [], view, mustBeWhole: true),
            CertificateSelector.ByIdentity(var identity) => Load(reader, reader.FindIdentity(identity, limit), view, mustBeWhole: true),
            CertificateSelector.ByWords(var text) => FindWords(reader, text, view),
            _ => throw new ArgumentOutOfRangeException(nameof(selector)),
        };
    }

    /// <summary>Finds the view that has a digest in one of the dialects that are kept up.</summary>
    /// <returns>The view; null when there is none, or something of the certificate is restricted.</returns>
    /// <exception cref="StorageException">The store is closed, or the record is damaged.</exception>
    public Certificate? FindDialectView(SksDigest digest)
    {
        using StoreLease lease = _store.TakeLease();
        foreach (Dialect dialect in _store.Dialects)
        {
            if (lease.Reader.Find(dialect, digest) is { } found && Restrict(found, mustBeWhole: true) is { } stored)
                return stored.ReadView(dialect);
        }

        return null;
    }

    /// <summary>Finds a primary key and nothing else of its certificate, so whether or not that is restricted.</summary>
    /// <remarks>For verifying what the key has made: a restriction on its holder takes back nothing of it.</remarks>
    /// <returns>The key; null when it is not stored, or only as a subkey.</returns>
    /// <exception cref="StorageException">The store is closed, or the record is damaged.</exception>
    public PublicKeyPacket? FindPrimaryKey(Fingerprint fingerprint)
    {
        using StoreLease lease = _store.TakeLease();
        return lease.Reader.FindPrimary(fingerprint, 1) is [var identity] ? lease.Reader.Find(identity)?.ReadPrimaryKey() : null;
    }

    /// <summary>
    /// Explains, packet by packet, the certificates whose primary key has the fingerprint: one, or of version 3 some that share it.
    /// </summary>
    /// <remarks>Those that a migration has not looked at yet are left out: nothing is verified for whoever asks.</remarks>
    /// <exception cref="StorageException">The store is closed.</exception>
    public IReadOnlyList<CertificateExplanation> Explain(Fingerprint fingerprint)
    {
        using StoreLease lease = _store.TakeLease();
        CleanViewPolicy policy = _store.Policies.First(policy => policy.Version == _store.ServedPolicy);
        List<CertificateExplanation> explanations = [];
        foreach (CertificateIdentity identity in lease.Reader.Find(fingerprint, MaxExplained))
        {
            if (identity.Fingerprint != fingerprint || lease.Reader.Find(identity) is not { } found || found.IsBehind([policy]))
                continue;
            if (_restrictions.Restrict(found) is { } stored)
                explanations.Add(CertificateExplanation.Of(stored, policy, _store.Dialects));
        }

        return explanations;
    }

    // What is found by a user ID or digest must not be told when just that user ID may be what is restricted.
    private StoredCertificate? Restrict(StoredCertificate stored, bool mustBeWhole)
    {
        StoredCertificate? left = _restrictions.Restrict(stored);
        return mustBeWhole && !ReferenceEquals(left, stored) ? null : left;
    }

    private QueryResult FindWords(StoreReader reader, ReadOnlyMemory<byte> text, ServedView view)
    {
        HashSet<string> seen = [];
        List<ReadOnlyMemory<byte>> words = [];
        Span<byte> rest = text.ToArray();
        while (SksWords.TryTake(ref rest, out ReadOnlySpan<byte> word))
        {
            if (seen.Add(Convert.ToHexString(word)))
                words.Add(word.ToArray());
        }

        if (words.Count == 0)
            return new QueryResult(QueryStatus.Complete, []);
        return reader.FindWords(words, _options.MaxMatches, _options.MaxInternalMatches) is { } found
            ? Load(reader, found, view, mustBeWhole: true)
            : new QueryResult(QueryStatus.TooCommonWords, []);
    }

    // As in SKS a query with max_matches results or more fails, and the newest keys come first.
    private QueryResult Load(StoreReader reader, IReadOnlyList<CertificateIdentity> identities, ServedView view, bool mustBeWhole = false)
    {
        var tooMany = new QueryResult(QueryStatus.TooManyMatches, []);
        if (identities.Count >= _options.MaxMatches)
            return tooMany;

        int policy = _store.ServedPolicy;
        List<ServedCertificate> served = [];
        long bytes = 0;
        foreach (CertificateIdentity identity in identities)
        {
            if (reader.Find(identity) is not { } found || Restrict(found, mustBeWhole) is not { } stored || ServedCertificate.Of(stored, policy, view) is not { } certificate)
                continue;
            bytes += certificate.View.Length;
            if (bytes > _options.MaxResultBytes && served.Count > 0)
                return tooMany;
            served.Add(certificate);
        }

        return new QueryResult(
            QueryStatus.Complete,
            served.Count < 2 ? served : [.. served.OrderByDescending(static certificate => certificate.Stored.ReadCreationTime())]);
    }
}
