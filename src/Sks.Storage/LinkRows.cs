using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Reads and writes <see cref="Family.Links"/>. What is in the rows is their owner's business.</summary>
internal static class LinkRows
{
    /// <summary>The rows whose key starts with <paramref name="prefix"/>, in order.</summary>
    public static IReadOnlyList<(byte[] Key, byte[] Value)> Read(Database database, ReadOnlySpan<byte> prefix)
    {
        List<(byte[] Key, byte[] Value)> rows = [];
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Links]);
        for (iterator.Seek(prefix.ToArray()); StoreReader.StartsWith(iterator, prefix); iterator.Next())
            rows.Add((iterator.Key(), iterator.Value()));
        return rows;
    }

    /// <summary>Adds rows to a batch; those without a value are deleted.</summary>
    public static void Put(WriteBatch batch, Database database, IReadOnlyList<(byte[] Key, byte[]? Value)> rows)
    {
        foreach ((byte[] key, byte[]? value) in rows)
        {
            if (value is null)
                batch.Delete(key, database[Family.Links]);
            else
                batch.Put(key, value, database[Family.Links]);
        }
    }

    /// <summary>Adds to a batch the removal of all rows whose key starts with one of some prefixes.</summary>
    public static void Delete(WriteBatch batch, Database database, IReadOnlyList<byte[]> prefixes)
    {
        foreach (byte[] prefix in prefixes)
        {
            byte[] end = KeyCodec.EndOf(prefix);
            batch.DeleteRange(prefix, (ulong)prefix.Length, end, (ulong)end.Length, database[Family.Links]);
        }
    }

    /// <summary>Refuses what would delete more than rows of one kind.</summary>
    public static void Validate(IReadOnlyList<byte[]> prefixes)
    {
        if (prefixes.Any(static prefix => prefix.Length is 0 or > CertificateStore.MaxLinkKeyLength || prefix[0] == byte.MaxValue))
            throw new ArgumentException("A prefix is empty, too long, or begins with a byte that no key begins with.", nameof(prefixes));
    }

    /// <summary>Refuses what is too large.</summary>
    public static void Validate(IReadOnlyList<(byte[] Key, byte[]? Value)> rows)
    {
        long bytes = 0;
        foreach ((byte[] key, byte[]? value) in rows)
        {
            if (key.Length is 0 or > CertificateStore.MaxLinkKeyLength)
                throw new ArgumentException($"A key has {key.Length} bytes; 1 to {CertificateStore.MaxLinkKeyLength} are allowed.", nameof(rows));
            bytes += key.Length + (value?.Length ?? 0);
        }

        if (bytes > CertificateStore.MaxLinkBytes)
            throw new ArgumentException($"The rows have {bytes} bytes; {CertificateStore.MaxLinkBytes} are allowed.", nameof(rows));
    }
}
