using RocksDbSharp;

namespace Sks.Storage.Tests;

/// <summary>The rows of a closed store, past all code that gives them a meaning.</summary>
internal static class RawStore
{
    /// <summary>Changes rows.</summary>
    public static void Edit(string folder, Action<WriteBatch, Database> edit)
    {
        using Database database = OpenDatabase(folder);
        using var batch = new WriteBatch();
        edit(batch, database);
        database.WriteSynced(batch);
    }

    /// <summary>All rows of a family.</summary>
    public static List<(byte[] Key, byte[] Value)> Read(string folder, Family family)
    {
        using Database database = OpenDatabase(folder);
        return Read(database, family);
    }

    /// <inheritdoc cref="Read(string, Family)"/>
    public static List<(byte[] Key, byte[] Value)> Read(Database database, Family family)
    {
        List<(byte[] Key, byte[] Value)> rows = [];
        using Iterator iterator = database.Rocks.NewIterator(database[family]);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            rows.Add((iterator.Key(), iterator.Value()));
        return rows;
    }

    /// <summary>All rows that must not depend on how certificates came in, as text; versions left out.</summary>
    public static SortedDictionary<string, string> ReadComparable(string folder)
    {
        using Database database = OpenDatabase(folder);
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((Family family, string name) in FamilyNames.All)
        {
            if (family is Family.Changes or Family.Links or Family.Meta)
                continue;
            foreach ((byte[] key, byte[] value) in Read(database, family))
            {
                if (family == Family.Certificates)
                    CertificateRecord.WriteVersion(value, 0);
                rows.Add($"{name} {Convert.ToHexString(key)}", Convert.ToHexString(value));
            }
        }

        return rows;
    }

    private static Database OpenDatabase(string folder) => Database.Open(Path.Combine(folder, CertificateStore.DatabaseFolder));
}
