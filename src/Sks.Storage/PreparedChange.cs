using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A change of one certificate, worked out by its caller and ready to be written.</summary>
/// <remarks>Made in parallel by <see cref="Create"/>; the writer only checks that the certificate has not changed meanwhile.</remarks>
public sealed class PreparedChange
{
    private PreparedChange(
        CertificateIdentity identity,
        StoredCertificate? current,
        SksDigest? newDigest,
        byte[]? record,
        List<DerivedRow> puts,
        List<DerivedRow> deletes,
        ChangeSource source)
    {
        Identity = identity;
        ExpectedVersion = current?.Version ?? 0;
        OldDigest = current?.SksDigest;
        NewDigest = newDigest;
        Record = record;
        Puts = puts;
        Deletes = deletes;
        Source = source;
    }

    /// <summary>Which certificate.</summary>
    public CertificateIdentity Identity { get; }

    /// <summary>Version of the record that the change was worked out from; 0 for none.</summary>
    public ulong ExpectedVersion { get; }

    /// <summary>Digest before; null when the certificate is new.</summary>
    public SksDigest? OldDigest { get; }

    /// <summary>Digest after; null when the certificate is removed.</summary>
    public SksDigest? NewDigest { get; }

    /// <summary>Where the change came from.</summary>
    public ChangeSource Source { get; }

    /// <summary>
    /// The <see cref="CertificateStore.RestrictionVersion"/> that packets from outside were checked under: when it is no longer current, the
    /// change is a conflict. Null when the change brings in no packets.
    /// </summary>
    public ulong? RestrictionVersion { get; set; }

    /// <summary>The record; null when the certificate is removed.</summary>
    internal byte[]? Record { get; }

    internal List<DerivedRow> Puts { get; }

    internal List<DerivedRow> Deletes { get; }

    /// <summary>Works out what has to be written for <paramref name="certificate"/> to replace <paramref name="current"/>.</summary>
    /// <param name="certificate">The certificate as it shall be stored.</param>
    /// <param name="current">What is stored, as record and as packets; null when nothing is.</param>
    /// <param name="source">Where the change came from.</param>
    public static PreparedChange Create(
        Certificate certificate, (StoredCertificate Record, Certificate Packets)? current, ChangeSource source)
    {
        List<DerivedRow> rows = DerivedRows.Of(certificate);
        List<DerivedRow> oldRows = current is { } old ? DerivedRows.Of(old.Packets) : [];
        return new PreparedChange(
            certificate.Identity,
            current?.Record,
            certificate.Digest,
            CertificateRecord.Encode(certificate),
            Without(rows, oldRows),
            Without(oldRows, rows),
            source);
    }

    /// <summary>Works out what has to be written so that nothing of a certificate is stored any more.</summary>
    /// <param name="current">What is stored, as record and as packets.</param>
    /// <param name="source">Where the change came from.</param>
    public static PreparedChange CreateRemoval((StoredCertificate Record, Certificate Packets) current, ChangeSource source) => new(
        current.Record.Identity, current.Record, null, null, [], DerivedRows.Of(current.Packets), source);

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
