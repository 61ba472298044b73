using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A row that follows from a certificate's packets.</summary>
internal readonly record struct DerivedRow(Family Family, byte[] Key, byte[] Value)
{
    /// <summary>By family, then by key.</summary>
    public static Comparison<DerivedRow> ByKey { get; } = static (left, right) =>
    {
        int byFamily = left.Family.CompareTo(right.Family);
        return byFamily != 0 ? byFamily : left.Key.AsSpan().SequenceCompareTo(right.Key);
    };
}

/// <summary>Computes every row that follows from a certificate's packets: digests and indexes.</summary>
internal static class DerivedRows
{
    // Words come cheap: 16 MiB of user IDs could hold millions. What is beyond is stored like anything else but not found by words.
    private const int MaxWords = 20_000;

    private static readonly byte[] Nothing = [];

    /// <summary>The rows, each once, sorted by family and key.</summary>
    public static List<DerivedRow> Of(Certificate certificate)
    {
        CertificateIdentity identity = certificate.Identity;
        var rows = new List<DerivedRow>(16)
        {
            new(Family.SksDigests, KeyCodec.Digest(certificate.Digest), identity.Span.ToArray()),
            new(Family.KeyIds, KeyCodec.WithIdentity(KeyCodec.KeyIdPrefix(certificate.PrimaryKey.KeyId, KeyRole.Primary), identity), Nothing),
        };
        foreach (CertificateComponent subkey in certificate.Subkeys)
            AddSubkey(certificate, subkey.Packet, rows);
        int words = 0;
        foreach (CertificateComponent userId in certificate.UserIds)
        {
            if (userId.Packet.Tag == PacketTag.UserId)
                AddUserId(identity, userId.Packet.Span, rows, ref words);
        }

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
