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

    internal CertificateQuery(CertificateStore store, KeyserverOptions options)
    {
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
            CertificateSelector.ByDigest(var digest) => Load(reader, reader.Find(digest) is { } found ? [found.Identity] : [], view),
            CertificateSelector.ByIdentity(var identity) => Load(reader, reader.FindIdentity(identity, limit), view),
            CertificateSelector.ByWords(var text) => FindWords(reader, text, view),
            _ => throw new ArgumentOutOfRangeException(nameof(selector)),
        };
    }

    /// <summary>Explains, packet by packet, the certificates whose primary key has the fingerprint: one, or of version 3 some that share it.</summary>
    /// <exception cref="StorageException">The store is closed.</exception>
    public IReadOnlyList<CertificateExplanation> Explain(Fingerprint fingerprint)
    {
        using StoreLease lease = _store.TakeLease();
        CleanViewPolicy policy = _store.Policies.First(policy => policy.Version == _store.ServedPolicy);
        List<CertificateExplanation> explanations = [];
        foreach (CertificateIdentity identity in lease.Reader.Find(fingerprint, MaxExplained))
        {
            if (identity.Fingerprint == fingerprint && lease.Reader.Find(identity) is { } stored)
                explanations.Add(CertificateExplanation.Of(stored, policy));
        }

        return explanations;
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
            ? Load(reader, found, view)
            : new QueryResult(QueryStatus.TooCommonWords, []);
    }

    // As in SKS a query with max_matches results or more fails, and the newest keys come first.
    private QueryResult Load(StoreReader reader, IReadOnlyList<CertificateIdentity> identities, ServedView view)
    {
        var tooMany = new QueryResult(QueryStatus.TooManyMatches, []);
        if (identities.Count >= _options.MaxMatches)
            return tooMany;

        int policy = _store.ServedPolicy;
        List<ServedCertificate> found = [];
        long bytes = 0;
        foreach (CertificateIdentity identity in identities)
        {
            if (reader.Find(identity) is not { } stored || ServedCertificate.Of(stored, policy, view) is not { } certificate)
                continue;
            bytes += certificate.View.Length;
            if (bytes > _options.MaxResultBytes && found.Count > 0)
                return tooMany;
            found.Add(certificate);
        }

        return new QueryResult(
            QueryStatus.Complete,
            found.Count < 2 ? found : [.. found.OrderByDescending(static certificate => certificate.Stored.ReadCreationTime())]);
    }
}
