using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Rows of one family, gathered in any order, then written as one sorted table. Not for concurrent use.</summary>
/// <remarks>
/// A bulk load holds some million rows at a time. They lie in a few large segments instead of objects of their own, because
/// objects that live that long cost the garbage collector more than everything else in the load together.
/// </remarks>
internal sealed class TableRows
{
    private const int SegmentBytes = 1 << 20;
    private const int RowHeaderBytes = sizeof(ushort) + sizeof(int);
    private const int Deletion = -1;

    private readonly List<byte[]> _segments = [];
    private readonly List<byte[]> _spare = [];
    private readonly List<Entry> _entries = [];
    private int _used;

    /// <summary>How many rows there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a row.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => value.CopyTo(Add(key, value.Length));

    /// <summary>Adds the removal of a row; a row put under the same key outlives it.</summary>
    public void Delete(ReadOnlySpan<byte> key) => Add(key, Deletion);

    /// <summary>Takes over the rows of another one, which must not be changed while this one is in use.</summary>
    public void Append(TableRows other)
    {
        int shift = _segments.Count;
        _segments.AddRange(other._segments);
        _used = SegmentBytes; // what another one writes to is not written to here
        foreach (Entry entry in other._entries)
            _entries.Add(entry with { Segment = entry.Segment + shift });
    }

    /// <summary>Forgets all rows, and keeps the memory for the next ones.</summary>
    public void Clear()
    {
        _spare.AddRange(_segments.Where(static segment => segment.Length == SegmentBytes));
        _segments.Clear();
        _entries.Clear();
        _used = 0;
    }

    /// <summary>Sorts the rows and writes them to a new table file.</summary>
    public void WriteTable(string path, ColumnFamilyOptions options)
    {
        Span<Entry> entries = CollectionsMarshal.AsSpan(_entries);
        entries.Sort(Compare);
        using var writer = new SstFileWriter(new EnvOptions(), options);
        writer.Open(path);
        for (int i = 0; i < entries.Length; i++)
        {
            // Keys must ascend; of equal ones (a digest collision) the last counts.
            if (i + 1 < entries.Length && KeyOf(entries[i]).SequenceEqual(KeyOf(entries[i + 1])))
                continue;
            Write(writer, entries[i]);
        }

        writer.Finish();
    }

    private static ulong PrefixOf(ReadOnlySpan<byte> key)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        key[..Math.Min(key.Length, sizeof(ulong))].CopyTo(prefix);
        return BinaryPrimitives.ReadUInt64BigEndian(prefix);
    }

    private Span<byte> Add(ReadOnlySpan<byte> key, int valueLength)
    {
        Span<byte> row = Allocate(RowHeaderBytes + key.Length + Math.Max(0, valueLength), out int segment, out int offset);
        MemoryMarshal.Write(row, (ushort)key.Length);
        MemoryMarshal.Write(row[sizeof(ushort)..], valueLength);
        key.CopyTo(row[RowHeaderBytes..]);
        _entries.Add(new Entry(PrefixOf(key), segment, offset));
        return row[(RowHeaderBytes + key.Length)..];
    }

    private Span<byte> Allocate(int length, out int segment, out int offset)
    {
        bool fits = _segments.Count > 0 && _segments[^1].Length == SegmentBytes && length <= SegmentBytes - _used;
        if (!fits)
        {
            _segments.Add(TakeSegment(length));
            _used = 0;
        }

        segment = _segments.Count - 1;
        offset = _used;
        _used += length;
        return _segments[segment].AsSpan(offset, length);
    }

    private byte[] TakeSegment(int length)
    {
        // A row larger than a segment gets one to itself.
        if (length > SegmentBytes)
            return GC.AllocateUninitializedArray<byte>(length);
        if (_spare.Count == 0)
            return GC.AllocateUninitializedArray<byte>(SegmentBytes);
        byte[] segment = _spare[^1];
        _spare.RemoveAt(_spare.Count - 1);
        return segment;
    }

    private int Compare(Entry left, Entry right)
    {
        if (left.Prefix != right.Prefix)
            return left.Prefix < right.Prefix ? -1 : 1;
        int byKey = KeyOf(left).SequenceCompareTo(KeyOf(right));
        return byKey != 0 ? byKey : ValueLengthOf(left).CompareTo(ValueLengthOf(right));
    }

    private ReadOnlySpan<byte> RowOf(in Entry entry) => _segments[entry.Segment].AsSpan(entry.Offset);

    private ReadOnlySpan<byte> KeyOf(in Entry entry)
    {
        ReadOnlySpan<byte> row = RowOf(entry);
        return row.Slice(RowHeaderBytes, MemoryMarshal.Read<ushort>(row));
    }

    private int ValueLengthOf(in Entry entry) => MemoryMarshal.Read<int>(RowOf(entry)[sizeof(ushort)..]);

    // The writer's own methods take arrays, one for each key and value.
    private unsafe void Write(SstFileWriter writer, in Entry entry)
    {
        int valueLength = ValueLengthOf(entry);
        ReadOnlySpan<byte> key = KeyOf(entry);
        fixed (byte* start = key)
        {
            if (valueLength == Deletion)
                Native.Instance.rocksdb_sstfilewriter_delete(writer.Handle, start, (nuint)key.Length);
            else
                Native.Instance.rocksdb_sstfilewriter_put(writer.Handle, start, (nuint)key.Length, start + key.Length, (nuint)valueLength);
        }
    }

    // The first eight bytes of the key decide nearly every comparison without a look at the row.
    private readonly record struct Entry(ulong Prefix, int Segment, int Offset);
}
