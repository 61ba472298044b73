using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>What a check found.</summary>
/// <param name="Certificates">How many certificates were looked at.</param>
/// <param name="Differences">What differs, in words and without user IDs; the first hundred.</param>
/// <param name="DifferenceCount">How many differences there are in all.</param>
public sealed record StoreCheckResult(long Certificates, IReadOnlyList<string> Differences, long DifferenceCount);

/// <summary>Verifies all packets again, computes views, digests, indexes and counters from them, the partition tree from the digests, and compares that with what is stored.</summary>
/// <remarks>
/// Every row that must exist is looked up, and the rows of each family are counted: together that finds missing, wrong and
/// surplus rows without holding them in memory. Stored verdicts count for nothing. Records whose views the migration has not made
/// yet are checked as far as they go.
/// </remarks>
internal sealed class StoreCheck(StoreSnapshot snapshot, IReadOnlyList<CleanViewPolicy> policies, TreeShape treeShape)
{
    private const int MaxReported = 100;
    private const int ProgressStep = 1000;

    private readonly List<string> _differences = [];
    private readonly Dictionary<Family, long> _expectedRows = FamilyNames.Derived.ToDictionary(static family => family, static _ => 0L);
    private long _differenceCount;

    // In the snapshot, which may be older than the last one that was completed.
    private IReadOnlyList<Dialect> Complete => field ??= DialectCoverage.Decode(snapshot.ReadRow(Family.Meta, DialectCoverage.RowKey)).Known;

    /// <summary>Runs the check.</summary>
    public StoreCheckResult Run(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long count = 0;
        using (Iterator iterator = snapshot.NewIterator(Family.Certificates))
        {
            iterator.SeekToFirst();
            bool isCovered = ViewCoverage.Decode(snapshot.ReadRow(Family.Meta, ViewCoverage.RowKey)).Covers(ViewCoverage.Of(policies));
            foreach (Finding finding in RecordScan.InParallel(iterator, (key, record) => Examine(key, record, isCovered), cancellationToken))
            {
                foreach (string difference in finding.Differences)
                    Report(difference);
                foreach (DerivedRow row in finding.Rows)
                    CheckRow(finding.Name, row);
                count++;
                if (count % ProgressStep == 0)
                    progress?.Report(count);
            }
        }

        progress?.Report(count);
        foreach ((Family family, long expected) in _expectedRows)
        {
            long present = snapshot.CountRows(family, cancellationToken);
            if (present != expected)
                Report($"{NameOf(family)}: {present} rows where the certificates call for {expected}");
        }

        CheckTrees(cancellationToken);
        long counted = StoreState.Decode(snapshot.ReadRow(Family.Meta, StoreState.StateKey))?.Certificates ?? 0;
        if (counted != count)
            Report($"counters: {counted} certificates counted where there are {count}");
        return new StoreCheckResult(count, _differences, _differenceCount);
    }

    private void CheckTrees(CancellationToken cancellationToken)
    {
        IEnumerable<(byte Profile, TreeShape Shape)> trees = Complete.Select(static dialect => (dialect.Profile, DialectTrees.Shape));
        long expected = 0;
        foreach ((byte profile, TreeShape shape) in trees.Prepend((KeyCodec.SksProfile, treeShape)))
            expected += new TreeCheck(snapshot, shape, profile, Report).Run(cancellationToken);
        long present = snapshot.CountRows(Family.Tree, cancellationToken);
        if (present != expected)
            Report($"tree: {present} rows where the digests call for {expected}");
    }

    private static string NameOf(Family family) => FamilyNames.All.First(known => known.Family == family).Name;

    private Finding Examine(byte[] key, byte[] record, bool isCovered)
    {
        if (StoredViews.TryReadPackets(key, record) is not { } views)
            return new Finding("", [$"{Convert.ToHexString(key)}: the record is damaged"], []);

        StoredCertificate stored = views.Stored;
        string name = stored.Identity.Fingerprint.ToString();
        List<string> differences = [.. CompareDigests(name, views)];
        if (!isCovered && stored.IsBehind(policies))
            return new Finding(name, differences, DerivedRows.Of(stored));

        if (isCovered && stored.IsBehind(Complete))
            differences.Add($"{name}: digests of dialects are missing");
        if (views.Expect(policies) is not { } expected)
            return new Finding(name, [.. differences, $"{name}: nothing in it is proven"], []);
        // Of dialects that are being built, or are not maintained any more, a record has what it had when it was written last.
        IReadOnlyList<DialectDigest> digests = stored.Dialects.All(IsOfToday)
            ? DialectDigest.Of(expected, [.. Dialect.All.Where(dialect => stored.Dialects.Any(digest => digest.Profile == dialect.Profile))])
            : stored.Dialects;
        if (differences.Count == 0 && !record.AsSpan().SequenceEqual(CertificateRecord.Encode(expected, stored.Version, digests)))
            differences.Add($"{name}: the record is not what its packets call for");
        return new Finding(name, differences, DerivedRows.Of(expected, digests));
    }

    private static IEnumerable<string> CompareDigests(string name, StoredViews views)
    {
        if (views.Full is { Certificate.Digest: var digest } && digest != views.Stored.SksDigest)
            yield return $"{name}: digest {views.Stored.SksDigest} stored, {digest} computed";
        foreach ((int version, VerifiedCertificate view) in views.Clean)
        {
            ContentDigest? stored = views.Stored.ContentDigest(version);
            ContentDigest computed = ContentDigest.Compute(version, view.Certificate);
            if (stored != computed)
                yield return $"{name}: content digest {stored} stored, {computed} computed, of policy {version}";
        }
    }

    private static bool IsOfToday(DialectDigest digest) =>
        Dialect.All.Any(dialect => dialect.Profile == digest.Profile && dialect.RulesVersion == digest.RulesVersion);

    private void CheckRow(string name, in DerivedRow row)
    {
        _expectedRows[row.Family]++;
        byte[]? value = snapshot.ReadRow(row.Family, row.Key);
        if (value is null)
            Report($"{name}: a row of {NameOf(row.Family)} is missing");
        else if (!value.AsSpan().SequenceEqual(row.Value) && !IsCollision(row, value))
            Report($"{name}: a row of {NameOf(row.Family)} is wrong");
    }

    // MD5 collisions can be made: two certificates then share one digest row, and it leads to either of them.
    private bool IsCollision(in DerivedRow row, byte[] value)
    {
        bool collides = row.Family == Family.SksDigests && snapshot.Find(KeyCodec.ReadDigest(row.Key)) is not null;
        if (collides)
            _expectedRows[row.Family]--;
        return collides;
    }

    private void Report(string difference)
    {
        _differenceCount++;
        if (_differences.Count < MaxReported)
            _differences.Add(difference);
    }

    private sealed record Finding(string Name, IReadOnlyList<string> Differences, IReadOnlyList<DerivedRow> Rows);
}
