using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Reads certificates and indexes.</summary>
/// <remarks>
/// Look-ups need no snapshot: an index row whose record has changed meanwhile leads to the newer record, and one whose record
/// is gone is passed over. What must be consistent as a whole reads through <see cref="StoreSnapshot"/>.
/// </remarks>
public class StoreReader
{
    private const int MaxWordsRaced = 8;

    private readonly Database _database;
    private readonly ReadOptions _options;

    internal StoreReader(Database database, ReadOptions options)
    {
        _database = database;
        _options = options;
    }

    /// <summary>The certificate with this identity, or null.</summary>
    public StoredCertificate? Find(CertificateIdentity identity)
    {
        byte[]? record = _database.Rocks.Get(identity.Span, _database[Family.Certificates], _options);
        return record is null ? null : CertificateRecord.Decode(identity, record);
    }

    /// <summary>The certificate with this digest of its full view, or null.</summary>
    public StoredCertificate? Find(SksDigest digest)
    {
        byte[]? identity = _database.Rocks.Get(KeyCodec.Digest(digest), _database[Family.SksDigests], _options);
        StoredCertificate? found = identity is null ? null : Find(CertificateIdentity.Read(identity));
        return found is not null && found.SksDigest == digest ? found : null;
    }

    /// <summary>Certificates whose primary key has the fingerprint; where there are none, those with such a subkey.</summary>
    /// <param name="fingerprint">What to look for.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<StoredCertificate> Find(Fingerprint fingerprint, int limit)
    {
        List<StoredCertificate> found = [];
        foreach (byte version in VersionsWith(fingerprint))
        {
            using Iterator iterator = NewIterator(Family.Certificates);
            byte[] prefix = KeyCodec.IdentityPrefix(version, fingerprint);
            for (iterator.Seek(prefix); found.Count < limit && StartsWith(iterator, prefix); iterator.Next())
                found.Add(CertificateRecord.Decode(CertificateIdentity.Read(iterator.GetKeySpan()), iterator.Value()));
        }

        return found.Count > 0 ? found : FindByRole(KeyCodec.SubkeyFingerprintPrefix(fingerprint), KeyRole.Subkey, limit);
    }

    /// <summary>Certificates whose primary key has the key ID; where there are none, those with such a subkey.</summary>
    /// <param name="keyId">What to look for.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<StoredCertificate> Find(KeyId keyId, int limit)
    {
        byte[] prefix = KeyCodec.KeyIdPrefix(keyId);
        List<StoredCertificate> primaries = FindByRole(prefix, KeyRole.Primary, limit);
        return primaries.Count > 0 ? primaries : FindByRole(prefix, KeyRole.Subkey, limit);
    }

    /// <summary>Certificates with a user ID that is this text, or holds it as its address, whatever the case.</summary>
    /// <param name="text">A whole user ID or an address.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<StoredCertificate> FindIdentity(string text, int limit)
    {
        HashSet<CertificateIdentity> identities = [];
        foreach (byte[] prefix in (byte[][])[KeyCodec.AddressPrefix(text), KeyCodec.UserIdPrefix(text)])
        {
            using Iterator iterator = NewIterator(Family.Identities);
            for (iterator.Seek(prefix); identities.Count < limit && StartsWith(iterator, prefix); iterator.Next())
                identities.Add(CertificateIdentity.Read(iterator.GetKeySpan()[prefix.Length..]));
        }

        return Load(identities);
    }

    /// <summary>Certificates whose user IDs hold all of the words.</summary>
    /// <param name="words">Words as <see cref="SksWords"/> cuts them.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="commonLimit">A word with more certificates does not narrow the search enough.</param>
    /// <returns>Null when every word is more common than <paramref name="commonLimit"/>.</returns>
    public IReadOnlyList<StoredCertificate>? FindWords(IReadOnlyList<ReadOnlyMemory<byte>> words, int limit, int commonLimit)
    {
        // Long words are seldom common: the first few decide which one to start from.
        List<byte[]> prefixes = [.. words.OrderByDescending(static word => word.Length).Select(static word => KeyCodec.WordPrefix(word.Span))];
        (int rarest, List<CertificateIdentity>? candidates) = FindRarest(prefixes[..Math.Min(prefixes.Count, MaxWordsRaced)], commonLimit);
        if (candidates is null)
            return null;

        ColumnFamilyHandle family = _database[Family.Words];
        List<CertificateIdentity> matches = [];
        foreach (CertificateIdentity candidate in candidates)
        {
            bool matchesAll = prefixes.Where((_, i) => i != rarest)
                .All(prefix => _database.Rocks.HasKey(KeyCodec.WithIdentity(prefix, candidate), family, _options));
            if (matchesAll)
                matches.Add(candidate);
            if (matches.Count == limit)
                break;
        }

        return Load(matches);
    }

    /// <summary>The value of one row, or null.</summary>
    internal byte[]? ReadRow(Family family, ReadOnlySpan<byte> key) => _database.Rocks.Get(key, _database[family], _options);

    /// <summary>An iterator over a family.</summary>
    internal Iterator NewIterator(Family family) => _database.Rocks.NewIterator(_database[family], _options);

    /// <summary>Whether the iterator stands on a key that starts with <paramref name="prefix"/>.</summary>
    internal static bool StartsWith(Iterator iterator, ReadOnlySpan<byte> prefix) =>
        iterator.Valid() && iterator.GetKeySpan().StartsWith(prefix);

    private static byte[] VersionsWith(Fingerprint fingerprint) => fingerprint.Length switch
    {
        Fingerprint.Version3Length => [2, 3],
        Fingerprint.Version4Length => [4],
        _ => [6],
    };

    // Reads all words side by side, one row each in turn, until one is exhausted: that one is the rarest, whatever the others hold.
    private (int Index, List<CertificateIdentity>? Identities) FindRarest(List<byte[]> prefixes, int commonLimit)
    {
        List<Iterator> iterators = [];
        try
        {
            foreach (byte[] prefix in prefixes)
                iterators.Add(NewIterator(Family.Words).Seek(prefix));
            List<CertificateIdentity>[] found = [.. prefixes.Select(static _ => new List<CertificateIdentity>())];
            for (int row = 0; row <= commonLimit; row++)
            {
                for (int i = 0; i < prefixes.Count; i++)
                {
                    if (!StartsWith(iterators[i], prefixes[i]))
                        return (i, found[i]);
                    found[i].Add(CertificateIdentity.Read(iterators[i].GetKeySpan()[prefixes[i].Length..]));
                    iterators[i].Next();
                }
            }

            return (-1, null);
        }
        finally
        {
            iterators.ForEach(static iterator => iterator.Dispose());
        }
    }

    private List<StoredCertificate> FindByRole(byte[] prefix, KeyRole role, int limit)
    {
        List<CertificateIdentity> identities = [];
        using Iterator iterator = NewIterator(Family.KeyIds);
        for (iterator.Seek(prefix); identities.Count < limit && StartsWith(iterator, prefix); iterator.Next())
        {
            if (iterator.GetValueSpan() is [var stored] && stored == (byte)role)
                identities.Add(CertificateIdentity.Read(iterator.GetKeySpan()[prefix.Length..]));
        }

        return Load(identities);
    }

    private List<StoredCertificate> Load(IEnumerable<CertificateIdentity> identities) =>
        [.. identities.Select(Find).OfType<StoredCertificate>()];
}
