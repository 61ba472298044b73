using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A change of one certificate, worked out by its caller and ready to be written.</summary>
/// <remarks>Made in parallel by <see cref="Create"/>; the writer only checks that the certificate has not changed meanwhile.</remarks>
public sealed class PreparedChange
{
    private readonly List<(int PolicyVersion, ContentDigest Digest)> _oldContent;
    private readonly List<(int PolicyVersion, ContentDigest Digest)> _newContent;

    private PreparedChange(
        CertificateViews views,
        StoredCertificate? current,
        List<DerivedRow> puts,
        List<DerivedRow> deletes,
        ChangeSource source,
        ulong? restrictionVersion,
        IReadOnlyList<Dialect> dialects,
        IReadOnlyList<DialectDigest> digests)
    {
        Identity = views.Identity;
        ExpectedVersion = current?.Version ?? 0;
        OldDigest = current?.SksDigest;
        NewDigest = views.Full?.Digest;
        _oldContent = current is null ? [] : ReadContent(current);
        _newContent = [.. views.Clean.Where(static view => view.Digest is not null).Select(static view => (view.PolicyVersion, view.Digest!.Value))];
        Record = CertificateRecord.Encode(views, digests);
        Dialects = dialects;
        Puts = puts;
        Deletes = deletes;
        Source = source;
        RestrictionVersion = restrictionVersion;
    }

    private PreparedChange(CertificateIdentity unread, ulong version, List<DerivedRow> rows, ChangeSource source)
    {
        Identity = unread;
        ExpectedVersion = version;
        _oldContent = [];
        _newContent = [];
        Puts = [];
        Deletes = rows;
        Source = source;
    }

    private PreparedChange(StoredCertificate removed, ChangeSource source)
    {
        Identity = removed.Identity;
        ExpectedVersion = removed.Version;
        OldDigest = removed.SksDigest;
        _oldContent = ReadContent(removed);
        _newContent = [];
        Puts = [];
        Deletes = DerivedRows.Of(removed);
        Source = source;
    }

    /// <summary>Which certificate.</summary>
    public CertificateIdentity Identity { get; }

    /// <summary>Version of the record that the change was worked out from; 0 for none.</summary>
    public ulong ExpectedVersion { get; }

    /// <summary>Whether the certificate is new.</summary>
    public bool IsAddition => ExpectedVersion == 0;

    /// <summary>Digest of the full view before; null when there was none.</summary>
    public SksDigest? OldDigest { get; }

    /// <summary>Digest of the full view after; null when there is none.</summary>
    public SksDigest? NewDigest { get; }

    /// <summary>Where the change came from.</summary>
    public ChangeSource Source { get; }

    /// <summary>
    /// The <see cref="CertificateStore.RestrictionVersion"/> that packets from outside were checked under: when it is no longer current, the
    /// change is a conflict. Null when the change brings in no packets.
    /// </summary>
    public ulong? RestrictionVersion { get; }

    /// <summary>What is to be sent on to other servers when somebody can see the change; null for nothing.</summary>
    public OutboxContent? Outgoing { get; init; }

    /// <summary>
    /// The dialects whose digests were worked out: when others are maintained by now, the change is a conflict. Null when nothing is left to have any.
    /// </summary>
    internal IReadOnlyList<Dialect>? Dialects { get; }

    /// <summary>Whether nothing of the certificate is to be stored.</summary>
    public bool IsRemoval => Record is null;

    /// <summary>The record; null when the certificate is removed.</summary>
    internal byte[]? Record { get; }

    internal List<DerivedRow> Puts { get; }

    internal List<DerivedRow> Deletes { get; }

    /// <summary>Works out what has to be written for <paramref name="views"/> to replace <paramref name="current"/>.</summary>
    /// <param name="views">The certificate as it shall be stored, with views of all maintained policies.</param>
    /// <param name="current">What is stored; null when nothing is.</param>
    /// <param name="source">Where the change came from.</param>
    /// <param name="restrictionVersion">See <see cref="RestrictionVersion"/>.</param>
    /// <param name="outgoing">See <see cref="Outgoing"/>.</param>
    /// <param name="dialects">The maintained dialects, see <see cref="CertificateStore.Dialects"/>; null for none.</param>
    /// <exception cref="StorageException">What is stored is damaged.</exception>
    public static PreparedChange Create(
        CertificateViews views,
        StoredCertificate? current,
        ChangeSource source,
        ulong? restrictionVersion = null,
        OutboxContent? outgoing = null,
        IReadOnlyList<Dialect>? dialects = null)
    {
        dialects ??= [];
        IReadOnlyList<DialectDigest> digests = DialectDigest.Of(views, dialects);
        List<DerivedRow> rows = DerivedRows.Of(views, digests);
        List<DerivedRow> oldRows = current is null ? [] : DerivedRows.Of(current);
        return new PreparedChange(
            views, current, Without(rows, oldRows), Without(oldRows, rows), source, restrictionVersion, dialects, digests)
        {
            Outgoing = outgoing,
        };
    }

    /// <summary>Works out what has to be written so that nothing of a certificate is stored any more.</summary>
    /// <param name="current">What is stored.</param>
    /// <param name="source">Where the change came from.</param>
    /// <exception cref="StorageException">What is stored is damaged.</exception>
    public static PreparedChange CreateRemoval(StoredCertificate current, ChangeSource source) => new(current, source);

    /// <summary>
    /// Works out what has to be written so that nothing of a certificate is stored any more whose record is damaged: its rows are looked for in
    /// all indexes, which takes long.
    /// </summary>
    /// <param name="reader">Where to look.</param>
    /// <param name="identity">Which one.</param>
    /// <param name="source">Where the change came from.</param>
    /// <returns>Null when nothing is stored.</returns>
    public static PreparedChange? CreateRemoval(StoreReader reader, CertificateIdentity identity, ChangeSource source) =>
        reader.ReadRow(Family.Certificates, identity.Span) is { } record
            ? new PreparedChange(identity, CertificateRecord.ReadVersion(record), DerivedRows.Find(reader, identity), source)
            : null;

    /// <summary>Digest of the clean view under a policy before; null when there was none.</summary>
    public ContentDigest? OldContent(int policyVersion) => Find(_oldContent, policyVersion);

    /// <summary>Digest of the clean view under a policy after; null when there is none.</summary>
    public ContentDigest? NewContent(int policyVersion) => Find(_newContent, policyVersion);

    /// <summary>Whether anyone can see a difference, be it in the full view or under the policy that is served.</summary>
    internal bool IsVisible(int servedPolicy) =>
        IsAddition || IsRemoval || OldDigest != NewDigest || OldContent(servedPolicy) != NewContent(servedPolicy);

    private static List<(int PolicyVersion, ContentDigest Digest)> ReadContent(StoredCertificate stored)
    {
        List<(int PolicyVersion, ContentDigest Digest)> content = [];
        foreach (int version in stored.PolicyVersions)
        {
            if (stored.ContentDigest(version) is { } digest)
                content.Add((version, digest));
        }

        return content;
    }

    private static ContentDigest? Find(List<(int PolicyVersion, ContentDigest Digest)> content, int policyVersion)
    {
        foreach ((int version, ContentDigest digest) in content)
        {
            if (version == policyVersion)
                return digest;
        }

        return null;
    }

    // Rows of the first list that the second does not have; both are sorted.
    private static List<DerivedRow> Without(List<DerivedRow> rows, List<DerivedRow> others)
    {
        if (others.Count == 0)
            return rows;

        List<DerivedRow> rest = [];
        int next = 0;
        foreach (DerivedRow row in rows)
        {
            while (next < others.Count && DerivedRow.ByKey(others[next], row) < 0)
                next++;
            if (next == others.Count || DerivedRow.ByKey(others[next], row) != 0)
                rest.Add(row);
        }

        return rest;
    }
}
