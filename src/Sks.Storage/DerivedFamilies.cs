using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Rebuilds everything that follows from the packets, the partition tree last.</summary>
internal static class DerivedFamilies
{
    private const int RowsPerBatch = 10_000;

    /// <summary>Start of the keys in <see cref="Family.Meta"/> of records that were put aside.</summary>
    public static ReadOnlySpan<byte> DamagedPrefix => "damaged:"u8;

    /// <summary>Empties the derived families, fills them anew from the packets, and starts a new incarnation of the change log.</summary>
    /// <remarks>
    /// Records without readable packets are put aside in <see cref="Family.Meta"/>. Can be cut off at any moment: the mark of an unfinished bulk
    /// import stays until all is done, and the next start begins again.
    /// </remarks>
    public static StoreState Rebuild(Database database, StoreState state, TreeShape shape) => Rebuild(database, state, shape, static (key, record) =>
        StoredViews.TryReadPackets(key, record) is { } views ? (record, DerivedRows.Of(views.Stored)) : null);

    /// <summary>Does the same, and verifies all packets anew: views, verdicts and digests within the records are put right as well.</summary>
    /// <param name="database">The store.</param>
    /// <param name="state">Its counters.</param>
    /// <param name="shape">Shape of SKS's tree.</param>
    /// <param name="policies">The maintained policies, by ascending version.</param>
    /// <param name="dialects">The maintained dialects: all are complete afterwards.</param>
    public static StoreState Rebuild(
        Database database, StoreState state, TreeShape shape, IReadOnlyList<CleanViewPolicy> policies, IReadOnlyList<Dialect> dialects)
    {
        StoreState served = state with { ServedPolicy = policies[^1].Version };
        return Rebuild(
            database,
            served,
            shape,
            (key, record) => StoredViews.TryReadPackets(key, record) is { } views && views.Examine(policies) is { } examined
                ? Derive(examined, views.Stored.Version, record, dialects)
                : null,
            batch =>
            {
                ViewCoverage.Of(policies).Write(batch, database);
                ViewMigrationCursor.Delete(batch, database);
            },
            dialects);
    }

    // What is put right is another record: a change that was worked out before must not fit it any more.
    private static (byte[] Record, List<DerivedRow> Rows) Derive(
        CertificateViews views, ulong version, ReadOnlySpan<byte> record, IReadOnlyList<Dialect> dialects)
    {
        IReadOnlyList<DialectDigest> digests = DialectDigest.Of(views, dialects);
        byte[] encoded = CertificateRecord.Encode(views, version, digests);
        if (!record.SequenceEqual(encoded))
            CertificateRecord.WriteVersion(encoded, CertificateRecord.NextVersion(version));
        return (encoded, DerivedRows.Of(views, digests));
    }

    /// <summary>Adds to a batch the removal of all changes of former incarnations.</summary>
    public static void ClearChanges(WriteBatch batch, Database database, StoreState state)
    {
        byte[] first = KeyCodec.Sequence(0);
        byte[] end = KeyCodec.Sequence(state.Sequence + 1);
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length, database[Family.Changes]);
    }

    // The work gives record and rows, or null for what is to be put aside.
    private static StoreState Rebuild(
        Database database,
        StoreState state,
        TreeShape shape,
        Func<byte[], byte[], (byte[] Record, List<DerivedRow> Rows)?> work,
        Action<WriteBatch>? finish = null,
        IReadOnlyList<Dialect>? dialects = null)
    {
        using (var begin = new WriteBatch())
        {
            StoreState.MarkBulk(begin, database, unfinished: true);
            TreeSummary.Delete(begin, database, KeyCodec.SksProfile);
            database.WriteSynced(begin);
        }

        foreach (Family family in FamilyNames.Derived)
            Clear(database, family);

        long count = 0;
        var batch = new WriteBatch();
        try
        {
            using Iterator iterator = database.Rocks.NewIterator(database[Family.Certificates]);
            iterator.SeekToFirst();
            var results = RecordScan.InParallel(
                iterator, (key, record) => (Key: key, Record: record, Result: work(key, record)), CancellationToken.None);
            foreach ((byte[] key, byte[] record, (byte[] Record, List<DerivedRow> Rows)? result) in results)
            {
                if (Write(batch, database, key, record, result))
                    count++;
                if (batch.Count() < RowsPerBatch)
                    continue;
                database.Rocks.Write(batch);
                batch.Clear();
            }

            database.Rocks.Write(batch);
            batch.Clear();
            Clear(database, Family.Tree);
            DialectTrees.Build(database, dialects ?? DialectCoverage.Read(database).Known);
            TreeFamily.Rebuild(database, shape, KeyCodec.SksProfile).Write(batch, database, KeyCodec.SksProfile);
            StoreState renewed = state.Renew(count);
            ClearChanges(batch, database, renewed);
            renewed.Write(batch, database);
            StoreState.MarkBulk(batch, database, unfinished: false);
            finish?.Invoke(batch);
            database.WriteSynced(batch);
            return renewed;
        }
        finally
        {
            batch.Dispose();
        }
    }

    private static bool Write(WriteBatch batch, Database database, byte[] key, byte[] record, (byte[] Record, List<DerivedRow> Rows)? result)
    {
        if (result is not var (expected, rows))
        {
            // Nothing can be served from it, but nothing is thrown away either.
            batch.Put((byte[])[.. DamagedPrefix, .. key], record, database[Family.Meta]);
            batch.Delete(key, database[Family.Certificates]);
            return false;
        }

        if (!record.AsSpan().SequenceEqual(expected))
            batch.Put(key.AsSpan(), expected, database[Family.Certificates]);
        foreach (DerivedRow row in rows)
            batch.Put(row.Key.AsSpan(), row.Value, database[row.Family]);
        return true;
    }

    /// <summary>Removes all rows of a family.</summary>
    public static void Clear(Database database, Family family)
    {
        using Iterator iterator = database.Rocks.NewIterator(database[family]);
        if (!iterator.SeekToLast().Valid())
            return;
        byte[] first = [];
        byte[] end = [.. iterator.GetKeySpan(), 0];
        using var batch = new WriteBatch();
        batch.DeleteRange(first, 0, end, (ulong)end.Length, database[family]);
        database.Rocks.Write(batch);
    }
}
