using System.Buffers.Binary;
using System.Globalization;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Changes within one hour.</summary>
/// <param name="Hour">Start of the hour, UTC.</param>
/// <param name="Added">Certificates that were new.</param>
/// <param name="Updated">Certificates that got something new.</param>
public sealed record HourlyChanges(DateTimeOffset Hour, long Added, long Updated);

/// <summary>Counts changes per hour in <see cref="Family.Meta"/>, in the same batch as the changes.</summary>
internal static class ChangeHistory
{
    private const int HoursKept = 31 * 24;
    private const int EncodedLength = 2 * sizeof(long);

    private static ReadOnlySpan<byte> Prefix => "hour:"u8;

    /// <summary>Adds to the counts of the hour of <paramref name="time"/>, and forgets the hour that has become too old.</summary>
    public static void Add(WriteBatch batch, Database database, DateTimeOffset time, long added, long updated)
    {
        ColumnFamilyHandle meta = database[Family.Meta];
        long hour = HourOf(time);
        Span<byte> value = stackalloc byte[EncodedLength];
        byte[]? stored = database.Rocks.Get(Key(hour), meta);
        HourlyChanges before = stored is null ? new(time, 0, 0) : Decode(hour, stored);
        BinaryPrimitives.WriteInt64BigEndian(value, before.Added + added);
        BinaryPrimitives.WriteInt64BigEndian(value[sizeof(long)..], before.Updated + updated);
        batch.Put(Key(hour), value, meta);

        if (stored is not null)
            return;

        // Once an hour is enough, and range deletions are not free for readers.
        byte[] oldest = Key(0);
        byte[] firstKept = Key(hour - HoursKept);
        batch.DeleteRange(oldest, (ulong)oldest.Length, firstKept, (ulong)firstKept.Length, meta);
    }

    /// <summary>All counts, oldest first.</summary>
    public static List<HourlyChanges> Read(Database database)
    {
        List<HourlyChanges> history = [];
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Meta]);
        for (iterator.Seek(Prefix); StoreReader.StartsWith(iterator, Prefix); iterator.Next())
        {
            long hour = long.Parse(iterator.GetKeySpan()[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture);
            history.Add(Decode(hour, iterator.GetValueSpan()));
        }

        return history;
    }

    /// <summary>Hours since 1970.</summary>
    public static long HourOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 3600;

    private static byte[] Key(long hour) => [.. Prefix, .. System.Text.Encoding.ASCII.GetBytes(hour.ToString("D10", CultureInfo.InvariantCulture))];

    private static HourlyChanges Decode(long hour, ReadOnlySpan<byte> value) => new(
        DateTimeOffset.FromUnixTimeSeconds(hour * 3600),
        BinaryPrimitives.ReadInt64BigEndian(value),
        BinaryPrimitives.ReadInt64BigEndian(value[sizeof(long)..]));
}
