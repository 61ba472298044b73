using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>What a check found.</summary>
/// <param name="Certificates">How many certificates were looked at.</param>
/// <param name="Differences">What differs, in words and without user IDs; the first hundred.</param>
/// <param name="DifferenceCount">How many differences there are in all.</param>
public sealed record StoreCheckResult(long Certificates, IReadOnlyList<string> Differences, long DifferenceCount);

/// <summary>Computes digests, indexes and counters again from the packets and compares them with what is stored.</summary>
/// <remarks>
/// Every row that must exist is looked up, and the rows of each family are counted: together that finds missing, wrong and
/// surplus rows without holding them in memory.
/// </remarks>
internal sealed class StoreCheck(StoreSnapshot snapshot)
{
    private const int MaxReported = 100;
    private const int ProgressStep = 1000;

    private readonly List<string> _differences = [];
    private readonly Dictionary<Family, long> _expectedRows = FamilyNames.Derived.ToDictionary(static family => family, static _ => 0L);
    private long _differenceCount;

    /// <summary>Runs the check.</summary>
    public StoreCheckResult Run(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long count = 0;
        using (Iterator iterator = snapshot.NewIterator(Family.Certificates))
        {
            for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                CheckRecord(iterator.Key(), iterator.Value());
                count++;
                if (count % ProgressStep == 0)
                    progress?.Report(count);
            }
        }

        progress?.Report(count);
        foreach ((Family family, long expected) in _expectedRows)
        {
            long present = CountRows(family, cancellationToken);
            if (present != expected)
                Report($"{NameOf(family)}: {present} rows where the certificates call for {expected}");
        }

        long counted = StoreState.Decode(snapshot.ReadRow(Family.Meta, StoreState.StateKey))?.Certificates ?? 0;
        if (counted != count)
            Report($"counters: {counted} certificates counted where there are {count}");
        return new StoreCheckResult(count, _differences, _differenceCount);
    }

    private static string NameOf(Family family) => FamilyNames.All.First(known => known.Family == family).Name;

    private void CheckRecord(byte[] key, byte[] record)
    {
        if (CertificateRecord.TryRead(key, record) is not var (stored, certificate))
        {
            Report($"{Convert.ToHexString(key)}: the record is damaged");
            return;
        }

        string name = stored.Identity.Fingerprint.ToString();
        if (certificate.Digest != stored.SksDigest)
            Report($"{name}: digest {stored.SksDigest} stored, {certificate.Digest} computed");
        else if (!record.AsSpan().SequenceEqual(CertificateRecord.Encode(certificate, stored.Version)))
            Report($"{name}: the record is not what its packets call for");
        foreach (DerivedRow row in DerivedRows.Of(certificate))
        {
            _expectedRows[row.Family]++;
            byte[]? value = snapshot.ReadRow(row.Family, row.Key);
            if (value is null)
                Report($"{name}: a row of {NameOf(row.Family)} is missing");
            else if (!value.AsSpan().SequenceEqual(row.Value) && !IsCollision(row, value, certificate.Digest))
                Report($"{name}: a row of {NameOf(row.Family)} is wrong");
        }
    }

    // MD5 collisions can be made: two certificates then share one digest row, and it leads to either of them.
    private bool IsCollision(in DerivedRow row, byte[] value, SksDigest digest)
    {
        bool collides = row.Family == Family.SksDigests && snapshot.Find(digest) is not null;
        if (collides)
            _expectedRows[row.Family]--;
        return collides;
    }

    private long CountRows(Family family, CancellationToken cancellationToken)
    {
        long rows = 0;
        using Iterator iterator = snapshot.NewIterator(family);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            if (rows++ % ProgressStep == 0)
                cancellationToken.ThrowIfCancellationRequested();
        }

        return rows;
    }

    private void Report(string difference)
    {
        _differenceCount++;
        if (_differences.Count < MaxReported)
            _differences.Add(difference);
    }
}
