using System.Buffers.Binary;
using System.Text;
using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Reads and writes <see cref="Family.Outbox"/>: sequence → milliseconds since 1970, identity, where it has been, packets.</summary>
/// <remarks>Everything but the packets has its length before it: one byte for the identity, two for a text and for their number.</remarks>
internal static class OutboxRows
{
    /// <summary>Adds an entry to a batch.</summary>
    public static void Put(WriteBatch batch, Database database, OutboxEntry entry) =>
        batch.Put(KeyCodec.Sequence(entry.Sequence), Encode(entry), database[Family.Outbox]);

    /// <summary>Adds to a batch the removal of all entries up to one.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="database">Where.</param>
    /// <param name="through">The last that is removed.</param>
    public static void DeleteThrough(WriteBatch batch, Database database, ulong through)
    {
        byte[] begin = KeyCodec.Sequence(0);
        byte[] end = KeyCodec.Sequence(through + 1);
        batch.DeleteRange(begin, (ulong)begin.Length, end, (ulong)end.Length, database[Family.Outbox]);
    }

    /// <summary>Adds to a batch the removal of all entries of some certificates.</summary>
    public static void DeleteOf(WriteBatch batch, Database database, IReadOnlySet<CertificateIdentity> identities)
    {
        if (identities.Count == 0)
            return;
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Outbox]);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            if (identities.Contains(ReadIdentity(iterator.Value())))
                batch.Delete(iterator.Key(), database[Family.Outbox]);
        }
    }

    /// <summary>Entries in order, those after one.</summary>
    /// <param name="database">Where.</param>
    /// <param name="after">The last that is left out.</param>
    /// <param name="maxCount">How many at most.</param>
    /// <param name="maxBytes">No further one when they have so many bytes.</param>
    public static IReadOnlyList<OutboxEntry> Read(Database database, ulong after, int maxCount, int maxBytes)
    {
        List<OutboxEntry> entries = [];
        int bytes = 0;
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Outbox]);
        for (iterator.Seek(KeyCodec.Sequence(after + 1)); iterator.Valid() && entries.Count < maxCount && bytes < maxBytes; iterator.Next())
        {
            byte[] value = iterator.Value();
            entries.Add(Decode(BinaryPrimitives.ReadUInt64BigEndian(iterator.Key()), value));
            bytes += value.Length;
        }

        return entries;
    }

    /// <summary>How many entries there are after one.</summary>
    public static long Count(Database database, ulong after)
    {
        long count = 0;
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Outbox]);
        for (iterator.Seek(KeyCodec.Sequence(after + 1)); iterator.Valid(); iterator.Next())
            count++;
        return count;
    }

    private static byte[] Encode(OutboxEntry entry)
    {
        using var stream = new MemoryStream();
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, entry.Time.ToUnixTimeMilliseconds());
        stream.Write(time);
        stream.WriteByte((byte)entry.Identity.Span.Length);
        stream.Write(entry.Identity.Span);
        WriteText(stream, entry.Content.Sender ?? "");
        WriteLength(stream, entry.Content.SeenBy.Count);
        foreach (string text in entry.Content.SeenBy)
            WriteText(stream, text);
        stream.Write(entry.Content.Packets.Span);
        return stream.ToArray();
    }

    private static OutboxEntry Decode(ulong sequence, byte[] value)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(value));
        CertificateIdentity identity = ReadIdentity(value);
        ReadOnlyMemory<byte> rest = value.AsMemory(sizeof(long) + 1 + identity.Span.Length);
        string sender = ReadText(ref rest);
        var seenBy = new string[ReadLength(ref rest)];
        for (int i = 0; i < seenBy.Length; i++)
            seenBy[i] = ReadText(ref rest);
        return new OutboxEntry(sequence, time, identity, new OutboxContent(rest) { Sender = sender.Length == 0 ? null : sender, SeenBy = seenBy });
    }

    private static CertificateIdentity ReadIdentity(byte[] value) => CertificateIdentity.Read(value.AsSpan(sizeof(long) + 1, value[sizeof(long)]));

    private static void WriteText(MemoryStream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteLength(stream, bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteLength(MemoryStream stream, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)length));
        stream.Write(bytes);
    }

    private static string ReadText(ref ReadOnlyMemory<byte> rest)
    {
        int length = ReadLength(ref rest);
        string text = Encoding.UTF8.GetString(rest.Span[..length]);
        rest = rest[length..];
        return text;
    }

    private static int ReadLength(ref ReadOnlyMemory<byte> rest)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
        rest = rest[sizeof(ushort)..];
        return length;
    }
}
