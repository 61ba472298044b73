using System.Security.Cryptography;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Reads and writes <see cref="Family.Restrictions"/>, and the mark that erased bytes may still be on disk.</summary>
internal static class RestrictionRows
{
    private const int OriginLength = 32;
    private const int MarkLength = 16;
    private const int KeyLength = 1 + OriginLength + sizeof(ulong);

    private static ReadOnlySpan<byte> PurgeKey => "purge"u8;

    /// <summary>All restrictions, in the order of origin and sequence.</summary>
    /// <exception cref="StorageException">A row is none.</exception>
    public static List<RestrictionRow> Read(Database database)
    {
        List<RestrictionRow> rows = [];
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Restrictions]);
        for (iterator.Seek(KeyCodec.RestrictionPrefix); StoreReader.StartsWith(iterator, KeyCodec.RestrictionPrefix); iterator.Next())
        {
            byte[] key = iterator.Key();
            if (key.Length != KeyLength)
                throw new StorageException(StorageErrorKind.Corrupt, "A restriction in the store is damaged.");
            byte[] origin = key[1..(1 + OriginLength)];
            ulong sequence = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(key.AsSpan(1 + OriginLength));
            byte[] note = database.Rocks.Get(KeyCodec.RestrictionNote(origin, sequence), database[Family.Restrictions]) ?? [];
            rows.Add(new RestrictionRow(origin, sequence, iterator.Value(), note));
        }

        return rows;
    }

    /// <summary>Adds restrictions to a batch.</summary>
    public static void Put(WriteBatch batch, Database database, IEnumerable<RestrictionRow> rows)
    {
        foreach (RestrictionRow row in rows)
        {
            batch.Put(KeyCodec.Restriction(row.Origin.Span, row.Sequence), row.Record.ToArray(), database[Family.Restrictions]);
            batch.Put(KeyCodec.RestrictionNote(row.Origin.Span, row.Sequence), row.Note.ToArray(), database[Family.Restrictions]);
        }
    }

    /// <summary>Whether erased bytes may still be on disk.</summary>
    public static bool NeedsPurge(Database database) => database.Rocks.HasKey(PurgeKey, database[Family.Meta]);

    /// <summary>The mark of the last erasure whose bytes may still be on disk; null when there is none. No two erasures have the same one.</summary>
    public static byte[]? ReadMark(Database database) => database.Rocks.Get(PurgeKey, database[Family.Meta]);

    /// <summary>Notes in a batch that bytes are erased, and throws away what a repair had put aside: it may hold them as well.</summary>
    public static void MarkErased(WriteBatch batch, Database database)
    {
        batch.Put(PurgeKey, RandomNumberGenerator.GetBytes(MarkLength), database[Family.Meta]);
        byte[] first = DerivedFamilies.DamagedPrefix.ToArray();
        byte[] end = [.. first[..^1], (byte)(first[^1] + 1)];
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length, database[Family.Meta]);
    }

    /// <summary>Writes the mark as it is, so that there is something to flush. On the writer's loop only.</summary>
    public static void RewriteMark(Database database) => WriteMark(database, ReadMark(database));

    /// <summary>
    /// Notes that erased bytes are gone, unless something else was erased since <paramref name="mark"/> was read. On the writer's loop
    /// only.
    /// </summary>
    public static void MarkPurged(Database database, byte[] mark)
    {
        if (ReadMark(database) is { } current && current.AsSpan().SequenceEqual(mark))
            WriteMark(database, null);
    }

    private static void WriteMark(Database database, byte[]? mark)
    {
        using var batch = new WriteBatch();
        if (mark is null)
            batch.Delete(PurgeKey, database[Family.Meta]);
        else
            batch.Put(PurgeKey, mark, database[Family.Meta]);
        database.WriteSynced(batch);
    }
}
