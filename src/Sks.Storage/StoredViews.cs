using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A stored certificate with the packets of all its views.</summary>
/// <param name="Stored">The record.</param>
/// <param name="Full">The full view, or null.</param>
/// <param name="Clean">The clean views that have packets, newest policy first.</param>
internal sealed record StoredViews(
    StoredCertificate Stored, VerifiedCertificate? Full, IReadOnlyList<(int PolicyVersion, VerifiedCertificate View)> Clean)
{
    /// <summary>Reads all views.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public static StoredViews Read(StoredCertificate stored)
    {
        List<(int PolicyVersion, VerifiedCertificate View)> clean = [];
        foreach (int version in stored.PolicyVersions)
        {
            if (stored.ReadCleanView(version) is { } view)
                clean.Add((version, view));
        }

        return new StoredViews(stored, stored.ReadFullView(), clean);
    }

    /// <summary>Reads a row of <see cref="Family.Certificates"/> and takes nothing in it for granted.</summary>
    /// <returns>Null when there are no packets, or some cannot be read or are those of another certificate.</returns>
    public static StoredViews? TryRead(ReadOnlySpan<byte> key, byte[] record)
    {
        try
        {
            StoredCertificate stored = CertificateRecord.Decode(CertificateIdentity.Read(key), record);
            StoredViews views = Read(stored);
            IEnumerable<VerifiedCertificate> all = views.Clean.Select(static clean => clean.View);
            if (views.Full is not null)
                all = all.Append(views.Full);
            return all.Any() && all.All(view => view.Certificate.Identity == stored.Identity) ? views : null;
        }
        catch (Exception e) when (e is StorageException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Works the views out again.</summary>
    /// <param name="policies">The views to make, by ascending policy version.</param>
    /// <param name="trustsVerdicts">Whether stored verdicts count; otherwise everything is verified again.</param>
    /// <returns>Null when nothing is left: there is no full view, and nothing is proven.</returns>
    public CertificateViews? Examine(IReadOnlyList<CleanViewPolicy> policies, bool trustsVerdicts)
    {
        using var examination = new CertificateExamination(Full?.Certificate.PrimaryKey ?? Clean[0].View.Certificate.PrimaryKey);
        Add(examination, trustsVerdicts);
        return CertificateViews.Of(examination, Full?.Certificate, policies);
    }

    /// <summary>Verifies everything, and works out what the record should hold.</summary>
    /// <param name="policies">The maintained policies. Views of others stay as they are until the certificate changes.</param>
    /// <returns>Null when nothing is left.</returns>
    public CertificateViews? Expect(IReadOnlyList<CleanViewPolicy> policies)
    {
        using var examination = new CertificateExamination(Full?.Certificate.PrimaryKey ?? Clean[0].View.Certificate.PrimaryKey);
        Add(examination, trustsVerdicts: false);
        examination.Advance(long.MaxValue);
        Dictionary<int, CleanView> clean = Stored.PolicyVersions.ToDictionary(static version => version, Keep);
        foreach (CleanViewPolicy policy in policies)
            clean[policy.Version] = examination.Select(policy);
        return CertificateViews.Of(examination, Full?.Certificate, [.. clean.Values.OrderBy(static view => view.PolicyVersion)]);
    }

    /// <summary>See <see cref="StoredCertificate.Reduce"/>. What is left is not verified again.</summary>
    public (bool Changes, CertificateViews? Views) Reduce(
        Func<Certificate, Certificate?> keep, bool mustBeProven, IReadOnlyList<CleanViewPolicy> policies)
    {
        List<Certificate> all = [.. Clean.Select(static clean => clean.View.Certificate)];
        if (Full is not null)
            all.Add(Full.Certificate);
        List<Certificate?> left = [.. all.Select(keep)];
        if (!mustBeProven && all.Zip(left).All(static pair => ReferenceEquals(pair.First, pair.Second)))
            return (false, null);

        using var before = new CertificateExamination(all[0].PrimaryKey);
        Add(before, trustsVerdicts: true);
        using var after = new CertificateExamination(all[0].PrimaryKey);
        foreach (Certificate view in left.OfType<Certificate>())
            after.Add(before.Verdicts(view));
        CleanView[] clean = [.. policies.Select(after.Select)];
        Certificate? full = Full is null ? null : mustBeProven ? clean[^1].Certificate : left[^1];
        CertificateViews? views = CertificateViews.Of(after, full, clean);
        bool isSame = views is not null && Stored.SksDigest == full?.Digest && clean.All(view => Stored.ContentDigest(view.PolicyVersion) == view.Digest);
        return (!isSame, views);
    }

    private CleanView Keep(int version)
    {
        Certificate? packets = Clean.FirstOrDefault(clean => clean.PolicyVersion == version).View?.Certificate;
        return new CleanView(version, packets, packets is null ? null : ContentDigest.Compute(version, packets));
    }

    private void Add(CertificateExamination examination, bool trustsVerdicts)
    {
        foreach (VerifiedCertificate view in Clean.Select(static clean => clean.View))
            Add(examination, view, trustsVerdicts);
        if (Full is not null)
            Add(examination, Full, trustsVerdicts);
    }

    private static void Add(CertificateExamination examination, VerifiedCertificate view, bool trustsVerdicts)
    {
        if (trustsVerdicts)
            examination.Add(view);
        else
            examination.Add(view.Certificate);
    }
}
