using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Works out what versions of a certificate make of what is stored of it, during a bulk load. For concurrent use.</summary>
/// <param name="reader">Reads what is stored.</param>
/// <param name="policies">The maintained policies.</param>
/// <param name="dialects">The maintained dialects.</param>
/// <param name="merge">See <see cref="BulkLoader.Open(StoreOptions, Func{StoredCertificate, Certificate, CertificateViews})"/>.</param>
internal sealed class BulkMerge(
    StoreReader reader,
    IReadOnlyList<CleanViewPolicy> policies,
    IReadOnlyList<Dialect> dialects,
    Func<StoredCertificate?, Certificate, CertificateViews?> merge)
{
    /// <summary>Merges versions of one certificate, one after the other, upon what is stored.</summary>
    /// <param name="versions">At least one.</param>
    /// <param name="mayExist">Whether something may be stored.</param>
    /// <returns>What has to be written; null when that is nothing.</returns>
    public (PreparedChange? Change, BulkCounts Counts) Prepare(IReadOnlyList<Certificate> versions, bool mayExist)
    {
        StoredCertificate? stored = mayExist ? reader.Find(versions[0].Identity) : null;
        StoredCertificate? current = stored;
        CertificateViews? result = null;
        var counts = new BulkCounts(0, 0, 0, 0);
        for (int i = 0; i < versions.Count; i++)
        {
            // All that these packets can bring was verified when they came first.
            bool isKnown = current is not null && current.HoldsAsFullView(versions[i]) && !current.IsBehind(policies);
            CertificateViews? views = isKnown ? null : merge(current, versions[i]);
            if (isKnown || (views is not null && current is not null && current.Holds(views)))
            {
                counts = counts with { Unchanged = counts.Unchanged + 1 };
                continue;
            }

            if (views is null)
            {
                counts = counts with { Rejected = counts.Rejected + 1 };
                continue;
            }

            counts = current is null ? counts with { Added = 1 } : counts with { Updated = counts.Updated + 1 };
            result = views;
            if (i + 1 < versions.Count)
                current = CertificateRecord.Decode(views.Identity, CertificateRecord.Encode(views));
        }

        return (result is null ? null : PreparedChange.Create(result, stored, ChangeSource.Import, dialects: dialects), counts);
    }
}
