using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Looks certificates up.</summary>
public sealed class CertificateQuery
{
    private readonly CertificateStore _store;
    private readonly KeyserverOptions _options;
    private readonly RestrictionService _restrictions;

    internal CertificateQuery(CertificateStore store, KeyserverOptions options, RestrictionService restrictions)
    {
        _restrictions = restrictions;
        _store = store;
        _options = options;
    }

    /// <summary>Finds what <paramref name="selector"/> names.</summary>
    /// <exception cref="StorageException">The store is closed.</exception>
    public QueryResult Find(CertificateSelector selector)
    {
        using StoreLease lease = _store.TakeLease();
        StoreReader reader = lease.Reader;
        int limit = _options.MaxMatches;
        return selector switch
        {
            CertificateSelector.ByFingerprint(var fingerprint) => Load(reader, reader.Find(fingerprint, limit)),
            CertificateSelector.ByKeyId(var keyId) => Load(reader, reader.Find(keyId, limit)),
            CertificateSelector.ByDigest(var digest) => new QueryResult(QueryStatus.Complete, FindDigest(reader, digest) is { } found ? [found] : []),
            CertificateSelector.ByIdentity(var identity) => Load(reader, reader.FindIdentity(identity, limit), byUserId: true),
            CertificateSelector.ByWords(var text) => FindWords(reader, text),
            _ => throw new ArgumentOutOfRangeException(nameof(selector)),
        };
    }

    private StoredCertificate? FindDigest(StoreReader reader, SksDigest digest) =>
        reader.Find(digest) is { } stored && Restrict(stored, mustBeWhole: true) is { } found ? found : null;

    // What is found by a user ID must not be told when just that user ID may be what is restricted.
    private StoredCertificate? Restrict(StoredCertificate stored, bool mustBeWhole)
    {
        StoredCertificate? left = _restrictions.State.Hidden.Apply(stored);
        return mustBeWhole && !ReferenceEquals(left, stored) ? null : left;
    }

    private QueryResult FindWords(StoreReader reader, ReadOnlyMemory<byte> text)
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
            ? Load(reader, found, byUserId: true)
            : new QueryResult(QueryStatus.TooCommonWords, []);
    }

    // As in SKS a query with max_matches results or more fails, and the newest keys come first.
    private QueryResult Load(StoreReader reader, IReadOnlyList<CertificateIdentity> identities, bool byUserId = false)
    {
        var tooMany = new QueryResult(QueryStatus.TooManyMatches, []);
        if (identities.Count >= _options.MaxMatches)
            return tooMany;

        List<StoredCertificate> found = [];
        long bytes = 0;
        foreach (CertificateIdentity identity in identities)
        {
            if (reader.Find(identity) is not { } stored || Restrict(stored, mustBeWhole: byUserId) is not { } certificate)
                continue;
            bytes += certificate.FullView.Length;
            if (bytes > _options.MaxResultBytes && found.Count > 0)
                return tooMany;
            found.Add(certificate);
        }

        return new QueryResult(
            QueryStatus.Complete,
            found.Count < 2 ? found : [.. found.OrderByDescending(static certificate => certificate.ReadCreationTime())]);
    }
}
