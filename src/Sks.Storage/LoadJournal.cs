using System.Text;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>What a load that may be cut off has done, in <see cref="Family.Meta"/> of the store that it builds: rows <c>loaded:NAME</c>.</summary>
internal static class LoadJournal
{
    private static ReadOnlySpan<byte> Prefix => "loaded:"u8;

    /// <summary>Whether a folder holds a database that a load has begun and not finished.</summary>
    public static bool IsUnfinished(string folder)
    {
        if (!Directory.Exists(folder))
            return false;
        try
        {
            using Database database = Database.OpenAsIs(folder);
            return StoreState.IsBulkUnfinished(database) && !StoreState.IsRestored(database);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Corrupt)
        {
            // Cut off before it could be opened.
            return false;
        }
    }

    /// <summary>All names.</summary>
    public static IReadOnlySet<string> Read(Database database)
    {
        HashSet<string> names = [];
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Meta]);
        for (iterator.Seek(Prefix.ToArray()); StoreReader.StartsWith(iterator, Prefix); iterator.Next())
            names.Add(Encoding.UTF8.GetString(iterator.GetKeySpan()[Prefix.Length..]));
        return names;
    }

    /// <summary>Writes names, and waits until they are on disk.</summary>
    public static void Add(Database database, IEnumerable<string> names)
    {
        using var batch = new WriteBatch();
        foreach (string name in names)
        {
            byte[] key = [.. Prefix, .. Encoding.UTF8.GetBytes(name)];
            batch.Put(key.AsSpan(), [], database[Family.Meta]);
        }

        database.WriteSynced(batch);
    }

    /// <summary>Adds to a batch the removal of all names.</summary>
    public static void Delete(WriteBatch batch, Database database)
    {
        byte[] first = Prefix.ToArray();
        byte[] end = KeyCodec.EndOf(first);
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length, database[Family.Meta]);
    }
}
