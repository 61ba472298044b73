using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Rebuilds everything that follows from the packets.</summary>
internal static class DerivedFamilies
{
    private const int RowsPerBatch = 10_000;

    /// <summary>Start of the keys in <see cref="Family.Meta"/> of records that were put aside.</summary>
    public static ReadOnlySpan<byte> DamagedPrefix => "damaged:"u8;

    /// <summary>Empties the derived families, fills them anew from the packets, and starts a new incarnation of the change log.</summary>
    /// <remarks>
    /// Digests and checksums within the records are put right as well; records without readable packets are put aside in <see cref="Family.Meta"/>.
    /// Can be cut off at any moment: the mark of an unfinished bulk import stays until all is done, and the next start begins again.
    /// </remarks>
    public static StoreState Rebuild(Database database, StoreState state)
    {
        using (var begin = new WriteBatch())
        {
            StoreState.MarkBulk(begin, database, unfinished: true);
            database.WriteSynced(begin);
        }

        foreach (Family family in FamilyNames.Derived)
            Clear(database, family);

        long count = 0;
        var batch = new WriteBatch();
        try
        {
            using Iterator iterator = database.Rocks.NewIterator(database[Family.Certificates]);
            for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            {
                if (RebuildRows(batch, database, iterator.Key(), iterator.Value()))
                    count++;
                if (batch.Count() < RowsPerBatch)
                    continue;
                database.Rocks.Write(batch);
                batch.Clear();
            }

            StoreState renewed = state.Renew(count);
            ClearChanges(batch, database, renewed);
            renewed.Write(batch, database);
            StoreState.MarkBulk(batch, database, unfinished: false);
            database.WriteSynced(batch);
            return renewed;
        }
        finally
        {
            batch.Dispose();
        }
    }

    /// <summary>Adds to a batch the removal of all changes of former incarnations.</summary>
    public static void ClearChanges(WriteBatch batch, Database database, StoreState state)
    {
        byte[] first = KeyCodec.Sequence(0);
        byte[] end = KeyCodec.Sequence(state.Sequence + 1);
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length, database[Family.Changes]);
    }

    private static bool RebuildRows(WriteBatch batch, Database database, byte[] key, byte[] record)
    {
        if (CertificateRecord.TryRead(key, record) is not var (stored, packets))
        {
            // Nothing can be served from it, but nothing is thrown away either.
            batch.Put((byte[])[.. DamagedPrefix, .. key], record, database[Family.Meta]);
            batch.Delete(key, database[Family.Certificates]);
            return false;
        }

        byte[] expected = CertificateRecord.Encode(packets, stored.Version);
        if (!record.AsSpan().SequenceEqual(expected))
            batch.Put(key.AsSpan(), expected, database[Family.Certificates]);
        foreach (DerivedRow row in DerivedRows.Of(packets))
            batch.Put(row.Key.AsSpan(), row.Value, database[row.Family]);
        return true;
    }

    private static void Clear(Database database, Family family)
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
