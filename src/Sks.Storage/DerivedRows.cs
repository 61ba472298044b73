using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A row that follows from a certificate's views.</summary>
internal readonly record struct DerivedRow(Family Family, byte[] Key, byte[] Value)
{
    /// <summary>By family, then by key.</summary>
    public static Comparison<DerivedRow> ByKey { get; } = static (left, right) =>
    {
        int byFamily = left.Family.CompareTo(right.Family);
        return byFamily != 0 ? byFamily : left.Key.AsSpan().SequenceCompareTo(right.Key);
    };
}

/// <summary>Computes every row that follows from a certificate's views: digests and indexes.</summary>
/// <remarks>
/// User IDs and subkeys are found when a clean view has them, under whichever policy, so that what nobody proved is never found. Whoever
/// knows the key itself finds it.
/// </remarks>
internal static class DerivedRows
{
    // Words come cheap: the user IDs of a full view, which format 1 indexed, could hold millions, those of a clean view still ten thousands. What is
    // beyond is stored like anything else but not found by words.
    private const int MaxWords = 20_000;

    private static readonly byte[] Nothing = [];

    /// <summary>The rows that views call for, each once, sorted by family and key.</summary>
    /// <param name="views">The views.</param>
    /// <param name="dialects">What follows from them for dialects; null for none.</param>
    public static List<DerivedRow> Of(CertificateViews views, IReadOnlyList<DialectDigest>? dialects = null)
    {
        List<DerivedRow> rows = Begin(views.Identity, views.PrimaryKey);
        if (views.Full is { } full)
            AddDigest(views.Identity, KeyCodec.SksProfile, full.Digest, rows);
        AddDialects(views.Identity, dialects ?? [], rows);
        foreach (CleanView clean in views.Clean)
        {
            if (clean.Certificate is null)
                continue;
            AddDigest(views.Identity, clean.PolicyVersion, clean.Digest!.Value, rows);
            AddIndexes(clean.Certificate, rows);
        }

        return Tidy(rows);
    }

    /// <summary>The rows of what is stored, each once, sorted by family and key.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public static List<DerivedRow> Of(StoredCertificate stored)
    {
        List<DerivedRow> rows = Begin(stored.Identity, stored.ReadPrimaryKey());
        if (stored.SksDigest is { } digest)
            AddDigest(stored.Identity, KeyCodec.SksProfile, digest, rows);
        AddDialects(stored.Identity, stored.Dialects, rows);
        foreach (int version in stored.PolicyVersions)
        {
            if (stored.CleanView(version) is not { } clean)
                continue;
            AddDigest(stored.Identity, version, stored.ContentDigest(version)!.Value, rows);
            AddIndexes(stored.ReadPackets(clean), rows);
        }

        // Format 1 found what the full view holds.
        if (stored.IsBeforeCleanViews)
            AddIndexes(stored.ReadPackets(stored.FullView!.Value), rows);
        return Tidy(rows);
    }

    /// <summary>The rows that lead to a certificate, whatever its record says. Goes through all rows of all certificates.</summary>
    public static List<DerivedRow> Find(StoreReader reader, CertificateIdentity identity)
    {
        List<DerivedRow> rows = [];
        foreach (Family family in FamilyNames.Derived)
        {
            using Iterator iterator = reader.NewIterator(family);
            for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            {
                if (iterator.GetKeySpan().EndsWith(identity.Span) || iterator.GetValueSpan().SequenceEqual(identity.Span))
                    rows.Add(new(family, iterator.Key(), Nothing));
            }
        }

        return rows;
    }

    private static List<DerivedRow> Begin(CertificateIdentity identity, PublicKeyPacket primaryKey)
    {
        byte[] prefix = KeyCodec.KeyIdPrefix(primaryKey.KeyId, KeyRole.Primary);
        return new List<DerivedRow>(16) { new(Family.KeyIds, KeyCodec.WithIdentity(prefix, identity), Nothing) };
    }

    private static void AddDigest(CertificateIdentity identity, byte profile, SksDigest digest, List<DerivedRow> rows) =>
        rows.Add(new(Family.SksDigests, KeyCodec.Digest(profile, digest), identity.Span.ToArray()));

    private static void AddDialects(CertificateIdentity identity, IReadOnlyList<DialectDigest> dialects, List<DerivedRow> rows)
    {
        foreach (DialectDigest dialect in dialects)
        {
            if (dialect.Digest is { } digest)
                AddDigest(identity, dialect.Profile, digest, rows);
        }
    }

    private static void AddDigest(CertificateIdentity identity, int policyVersion, ContentDigest digest, List<DerivedRow> rows) =>
        rows.Add(new(Family.ContentDigests, KeyCodec.Digest(policyVersion, digest), identity.Span.ToArray()));

    private static void AddIndexes(Certificate certificate, List<DerivedRow> rows)
    {
        foreach (CertificateComponent subkey in certificate.Subkeys)
            AddSubkey(certificate, subkey.Packet, rows);
        int words = 0;
        foreach (CertificateComponent userId in certificate.UserIds)
        {
            if (userId.Packet.Tag == PacketTag.UserId)
                AddUserId(certificate.Identity, userId.Packet.Span, rows, ref words);
        }
    }

    private static List<DerivedRow> Tidy(List<DerivedRow> rows)
    {
        rows.Sort(DerivedRow.ByKey);
        int kept = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            if (kept == 0 || DerivedRow.ByKey(rows[i], rows[kept - 1]) != 0)
                rows[kept++] = rows[i];
        }

        rows.RemoveRange(kept, rows.Count - kept);
        return rows;
    }

    private static void AddSubkey(Certificate certificate, in Packet packet, List<DerivedRow> rows)
    {
        // A subkey that cannot be parsed is kept like any packet, but cannot be found.
        if (!PublicKeyPacket.TryParse(packet.Body, out PublicKeyPacket key, out _))
            return;
        byte[] keyId = KeyCodec.KeyIdPrefix(key.KeyId, KeyRole.Subkey);
        byte[] fingerprint = KeyCodec.SubkeyFingerprintPrefix(key.Fingerprint);
        rows.Add(new(Family.KeyIds, KeyCodec.WithIdentity(keyId, certificate.Identity), Nothing));
        rows.Add(new(Family.KeyIds, KeyCodec.WithIdentity(fingerprint, certificate.Identity), Nothing));
    }

    private static void AddUserId(CertificateIdentity identity, ReadOnlySpan<byte> userId, List<DerivedRow> rows, ref int words)
    {
        string text = UserIdText.Decode(userId);
        rows.Add(new(Family.Identities, KeyCodec.WithIdentity(KeyCodec.UserIdPrefix(text), identity), Nothing));
        if (UserIdText.TryFindAddress(text, out string address))
            rows.Add(new(Family.Identities, KeyCodec.WithIdentity(KeyCodec.AddressPrefix(address), identity), Nothing));

        Span<byte> rest = userId.ToArray();
        for (; words < MaxWords && SksWords.TryTake(ref rest, out ReadOnlySpan<byte> word); words++)
            rows.Add(new(Family.Words, KeyCodec.WithIdentity(KeyCodec.WordPrefix(word), identity), Nothing));
    }
}
