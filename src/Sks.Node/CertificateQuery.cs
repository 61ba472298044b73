using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Looks certificates up.</summary>
public sealed class CertificateQuery
{
    private readonly CertificateStore _store;
    private readonly KeyserverOptions _options;

    internal CertificateQuery(CertificateStore store, KeyserverOptions options)
    {
        _store = store;
        _options = options;
    }

    /// <summary>Finds what <paramref name="selector"/> names.</summary>
    /// <exception cref="StorageException">The store is closed.</exception>
    public QueryResult Find(CertificateSelector selector)
    {
        using StoreLease lease = _store.TakeLease();
        int limit = _options.MaxMatches;
        return selector switch
        {
            CertificateSelector.ByFingerprint(var fingerprint) => Complete(_store.Reader.Find(fingerprint, limit)),
            CertificateSelector.ByKeyId(var keyId) => Complete(_store.Reader.Find(keyId, limit)),
            CertificateSelector.ByDigest(var digest) => Complete(_store.Reader.Find(digest) is { } found ? [found] : []),
            CertificateSelector.ByIdentity(var identity) => Complete(_store.Reader.FindIdentity(identity, limit)),
            CertificateSelector.ByWords(var text) => FindWords(text),
            _ => throw new ArgumentOutOfRangeException(nameof(selector)),
        };
    }

    private QueryResult FindWords(ReadOnlyMemory<byte> text)
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
            return Complete([]);
        IReadOnlyList<StoredCertificate>? found = _store.Reader.FindWords(words, _options.MaxMatches, _options.MaxInternalMatches);
        return found is null ? new QueryResult(QueryStatus.TooCommonWords, []) : Complete(found);
    }

    // As in SKS a query with max_matches results or more fails, and the newest keys come first.
    private QueryResult Complete(IReadOnlyList<StoredCertificate> found)
    {
        if (found.Count >= _options.MaxMatches)
            return new QueryResult(QueryStatus.TooManyMatches, []);
        return new QueryResult(
            QueryStatus.Complete,
            found.Count < 2 ? found : [.. found.OrderByDescending(static certificate => certificate.ReadCreationTime())]);
    }
}
