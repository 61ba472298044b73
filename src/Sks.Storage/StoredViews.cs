using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A stored certificate with the packets of all its views.</summary>
/// <param name="Stored">The record.</param>
/// <param name="Full">The full view, or null.</param>
/// <param name="Clean">The clean views that have packets, newest policy first.</param>
internal sealed record StoredViews(
    StoredCertificate Stored, VerifiedCertificate? Full, IReadOnlyList<(int PolicyVersion, VerifiedCertificate View)> Clean)
{
    /// <summary>The packets of all views with their verdicts.</summary>
    public VerifiedCertificate Held => VerifiedCertificate.Unite([Full, .. Clean.Select(static clean => clean.View)]);

    /// <summary>Reads all views.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public static StoredViews Read(StoredCertificate stored) => Read(stored, static (stored, view) => stored.ReadVerified(view));

    /// <summary>Reads a row of <see cref="Family.Certificates"/> and takes nothing in it for granted, verdicts not at all.</summary>
    /// <returns>Null when there are no packets, or some cannot be read or are those of another certificate.</returns>
    public static StoredViews? TryReadPackets(ReadOnlySpan<byte> key, byte[] record)
    {
        try
        {
            StoredCertificate stored = CertificateRecord.Decode(CertificateIdentity.Read(key), record);
            StoredViews views = Read(stored, static (stored, view) => VerifiedCertificate.Unexamined(stored.ReadPackets(view)));
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

    /// <summary>Works the views out again. What has no verdict is verified.</summary>
    /// <param name="policies">The views to make, by ascending policy version.</param>
    /// <returns>Null when nothing is left: there is no full view, and nothing is proven.</returns>
    public CertificateViews? Examine(IReadOnlyList<CleanViewPolicy> policies)
    {
        using CertificateExamination examination = Begin();
        return CertificateViews.Of(examination, Full?.Certificate, policies);
    }

    /// <summary>Works out what the record should hold. What has no verdict is verified.</summary>
    /// <param name="policies">The maintained policies. Views of others stay as they are until the certificate changes.</param>
    /// <returns>Null when nothing is left.</returns>
    public CertificateViews? Expect(IReadOnlyList<CleanViewPolicy> policies)
    {
        using CertificateExamination examination = Begin();
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

        using CertificateExamination before = Begin();
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

    private static StoredViews Read(StoredCertificate stored, Func<StoredCertificate, StoredView, VerifiedCertificate> read)
    {
        List<(int PolicyVersion, VerifiedCertificate View)> clean = [];
        foreach (int version in stored.PolicyVersions)
        {
            if (stored.CleanView(version) is { } view)
                clean.Add((version, read(stored, view)));
        }

        return new StoredViews(stored, stored.FullView is { } full ? read(stored, full) : null, clean);
    }

    private CertificateExamination Begin()
    {
        var examination = new CertificateExamination(Full?.Certificate.PrimaryKey ?? Clean[0].View.Certificate.PrimaryKey);
        foreach ((_, VerifiedCertificate view) in Clean)
            examination.Add(view);
        if (Full is not null)
            examination.Add(Full);
        return examination;
    }
}
