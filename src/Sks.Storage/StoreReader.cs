using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Reads certificates and indexes.</summary>
/// <remarks>
/// Look-ups answer with identities, so that their caller can bound what it loads. They need no snapshot: an index row whose record
/// has changed meanwhile leads to the newer record. What must be consistent as a whole reads through <see cref="StoreSnapshot"/>.
/// </remarks>
public partial class StoreReader
{
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

    /// <summary>Whether a certificate has this digest of its full view.</summary>
    public bool Contains(SksDigest digest) => HasRow(Family.SksDigests, KeyCodec.Digest(digest));

    /// <summary>The certificate that has this digest in a dialect, or null.</summary>
    public StoredCertificate? Find(Dialect dialect, SksDigest digest)
    {
        byte[]? identity = _database.Rocks.Get(KeyCodec.Digest(dialect.Profile, digest), _database[Family.SksDigests], _options);
        StoredCertificate? found = identity is null ? null : Find(CertificateIdentity.Read(identity));
        return found is not null && found.DigestOf(dialect) == digest ? found : null;
    }

    /// <summary>Whether a certificate has this digest in a dialect.</summary>
    public bool Contains(Dialect dialect, SksDigest digest) => HasRow(Family.SksDigests, KeyCodec.Digest(dialect.Profile, digest));

    /// <summary>The certificate with this digest of its clean view, or null.</summary>
    /// <param name="digest">What to look for.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    public StoredCertificate? Find(ContentDigest digest, int policyVersion)
    {
        byte[]? identity = _database.Rocks.Get(KeyCodec.Digest(policyVersion, digest), _database[Family.ContentDigests], _options);
        StoredCertificate? found = identity is null ? null : Find(CertificateIdentity.Read(identity));
        return found is not null && found.ContentDigest(policyVersion) == digest ? found : null;
    }

    /// <summary>The clean views whose digest starts with a prefix, by ascending digest: one at most, unless someone has ground for more.</summary>
    /// <param name="prefix">First 8 bytes of the digest, big-endian.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <returns>At most 16, with the certificates they are of.</returns>
    public IReadOnlyList<(ContentDigest Digest, CertificateIdentity Identity)> FindContent(ulong prefix, int policyVersion)
    {
        const int Limit = 16;
        byte[] start = KeyCodec.DigestPrefix(policyVersion, prefix);
        List<(ContentDigest Digest, CertificateIdentity Identity)> found = [];
        using Iterator iterator = NewIterator(Family.ContentDigests);
        for (iterator.Seek(start); found.Count < Limit && StartsWith(iterator, start); iterator.Next())
            found.Add((ContentDigest.Read(iterator.GetKeySpan()[sizeof(int)..]), CertificateIdentity.Read(iterator.GetValueSpan())));
        return found;
    }

    /// <summary>Certificates whose primary key has the fingerprint; where there are none, those with such a subkey.</summary>
    /// <param name="fingerprint">What to look for.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<CertificateIdentity> Find(Fingerprint fingerprint, int limit)
    {
        List<CertificateIdentity> found = [];
        foreach (byte version in VersionsWith(fingerprint))
            found.AddRange(ReadIdentities(Family.Certificates, KeyCodec.IdentityPrefix(version, fingerprint), 0, limit - found.Count));
        return found.Count > 0 ? found : ReadIdentities(Family.KeyIds, KeyCodec.SubkeyFingerprintPrefix(fingerprint), limit);
    }

    /// <summary>Certificates whose primary key has the key ID; where there are none, those with such a subkey.</summary>
    /// <param name="keyId">What to look for.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<CertificateIdentity> Find(KeyId keyId, int limit)
    {
        List<CertificateIdentity> primaries = ReadIdentities(Family.KeyIds, KeyCodec.KeyIdPrefix(keyId, KeyRole.Primary), limit);
        return primaries.Count > 0 ? primaries : ReadIdentities(Family.KeyIds, KeyCodec.KeyIdPrefix(keyId, KeyRole.Subkey), limit);
    }

    /// <summary>Certificates with a user ID that is this text, or holds it as its address, whatever the case.</summary>
    /// <param name="text">A whole user ID or an address.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<CertificateIdentity> FindIdentity(string text, int limit) =>
    [
        .. ReadIdentities(Family.Identities, KeyCodec.AddressPrefix(text), limit)
            .Union(ReadIdentities(Family.Identities, KeyCodec.UserIdPrefix(text), limit))
            .Take(limit),
    ];

    /// <summary>Certificates with a user ID that is a text, or holds it as its address, by the SHA-256 of the normalised text.</summary>
    /// <param name="hash">32 bytes, see <see cref="UserIdText.Normalise"/>. Half of them are compared.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<CertificateIdentity> FindHashedIdentity(ReadOnlyMemory<byte> hash, int limit) =>
    [
        .. KeyCodec.HashedTextPrefixes(hash).SelectMany(prefix => ReadIdentities(Family.Identities, prefix, limit)).Distinct().Take(limit),
    ];

    /// <summary>Certificates whose primary key has the fingerprint.</summary>
    /// <param name="fingerprint">What to look for.</param>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<CertificateIdentity> FindPrimary(Fingerprint fingerprint, int limit) =>
    [
        .. VersionsWith(fingerprint)
            .SelectMany(version => ReadIdentities(Family.Certificates, KeyCodec.IdentityPrefix(version, fingerprint), 0, limit))
            .Take(limit),
    ];

    /// <summary>Certificates whose user IDs hold all of the words.</summary>
    /// <param name="words">Different words as <see cref="SksWords"/> cuts them.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="commonLimit">A word with more certificates does not narrow the search enough.</param>
    /// <returns>Null when every word is more common than <paramref name="commonLimit"/>, or the search is too much work.</returns>
    public IReadOnlyList<CertificateIdentity>? FindWords(IReadOnlyList<ReadOnlyMemory<byte>> words, int limit, int commonLimit) =>
        new WordSearch(this, words).Run(limit, commonLimit);

    /// <summary>The keys of some records behind one, in order; none at the end.</summary>
    /// <param name="last">The key before, empty to begin.</param>
    /// <param name="maxRows">The most to return.</param>
    /// <param name="maxBytes">About how long all their records may be.</param>
    internal List<byte[]> ReadKeysBehind(byte[] last, int maxRows, int maxBytes)
    {
        List<byte[]> keys = [];
        using Iterator iterator = NewIterator(Family.Certificates);
        long bytes = 0;
        for (iterator.Seek((byte[])[.. last, 0]); iterator.Valid() && keys.Count < maxRows && bytes < maxBytes; iterator.Next())
        {
            keys.Add(iterator.Key());
            bytes += iterator.GetValueSpan().Length;
        }

        return keys;
    }

    /// <summary>The value of one row, or null.</summary>
    internal byte[]? ReadRow(Family family, ReadOnlySpan<byte> key) => _database.Rocks.Get(key, _database[family], _options);

    /// <summary>An iterator over a family.</summary>
    internal Iterator NewIterator(Family family) => _database.Rocks.NewIterator(_database[family], _options);

    /// <summary>Whether the iterator stands on a key that starts with <paramref name="prefix"/>.</summary>
    internal static bool StartsWith(Iterator iterator, ReadOnlySpan<byte> prefix) =>
        iterator.Valid() && iterator.GetKeySpan().StartsWith(prefix);

    /// <summary>Whether a row is there.</summary>
    internal bool HasRow(Family family, byte[] key) => _database.Rocks.HasKey(key, _database[family], _options);

    private static byte[] VersionsWith(Fingerprint fingerprint) => fingerprint.Length switch
    {
        Fingerprint.Version3Length => [2, 3],
        Fingerprint.Version4Length => [4],
        _ => [6],
    };

    private List<CertificateIdentity> ReadIdentities(Family family, byte[] prefix, int limit) =>
        ReadIdentities(family, prefix, prefix.Length, limit);

    // The identities in the keys with a prefix, from an offset in the key to its end.
    private List<CertificateIdentity> ReadIdentities(Family family, byte[] prefix, int offset, int limit)
    {
        List<CertificateIdentity> identities = [];
        using Iterator iterator = NewIterator(family);
        for (iterator.Seek(prefix); identities.Count < limit && StartsWith(iterator, prefix); iterator.Next())
            identities.Add(CertificateIdentity.Read(iterator.GetKeySpan()[offset..]));
        return identities;
    }
}
