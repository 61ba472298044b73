using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sks.Reconciliation.Sketches;

/// <summary>A sketch as bytes.</summary>
public sealed partial class CodedSketch
{
    private const int HeaderLength = 16;
    private const int CheckLength = 16;
    private const int BucketLength = Symbol.Length + sizeof(int);

    private static ReadOnlySpan<byte> Magic => "skssk1"u8;

    /// <summary>The sketch as bytes, without the key.</summary>
    /// <remarks>
    /// Magic (6 bytes), binary logarithm of the number of cells (2), number of elements (8), cells (16 each), fingerprints of the buckets (16 each),
    /// their sizes (4 each), keyed check of all that (16). Numbers are little-endian.
    /// </remarks>
    public byte[] Save()
    {
        var saved = new byte[SavedLength(_cells.Length)];
        Magic.CopyTo(saved);
        BinaryPrimitives.WriteUInt16LittleEndian(saved.AsSpan(Magic.Length), (ushort)BitOperations.Log2((uint)_cells.Length));
        BinaryPrimitives.WriteInt64LittleEndian(saved.AsSpan(Magic.Length + sizeof(ushort)), Count);

        Span<byte> rest = saved.AsSpan(HeaderLength);
        MemoryMarshal.AsBytes(_cells.AsSpan()).CopyTo(rest);
        rest = rest[(_cells.Length * Symbol.Length)..];
        MemoryMarshal.AsBytes(_buckets.AsSpan()).CopyTo(rest);
        rest = rest[(Buckets * Symbol.Length)..];
        for (int bucket = 0; bucket < Buckets; bucket++)
            BinaryPrimitives.WriteInt32LittleEndian(rest[(bucket * sizeof(int))..], _sizes[bucket]);
        WriteCheck(_key, saved.AsSpan(0, saved.Length - CheckLength), rest[(Buckets * sizeof(int))..]);
        return saved;
    }

    /// <summary>Reads what <see cref="Save"/> wrote; null when it is not that, is damaged, or was made under another key.</summary>
    public static CodedSketch? Load(SketchKey key, ReadOnlySpan<byte> saved)
    {
        if (saved.Length < HeaderLength || !saved.StartsWith(Magic))
            return null;
        int log2Cells = BinaryPrimitives.ReadUInt16LittleEndian(saved[Magic.Length..]);
        if (log2Cells is < MinLog2Cells or > MaxLog2Cells || saved.Length != SavedLength(1 << log2Cells))
            return null;
        Span<byte> check = stackalloc byte[CheckLength];
        WriteCheck(key, saved[..^CheckLength], check);
        if (!check.SequenceEqual(saved[^CheckLength..]))
            return null;

        var sketch = new CodedSketch(key, log2Cells) { Count = BinaryPrimitives.ReadInt64LittleEndian(saved[(Magic.Length + sizeof(ushort))..]) };
        ReadOnlySpan<byte> rest = saved[HeaderLength..];
        rest[..(sketch._cells.Length * Symbol.Length)].CopyTo(MemoryMarshal.AsBytes(sketch._cells.AsSpan()));
        rest = rest[(sketch._cells.Length * Symbol.Length)..];
        rest[..(Buckets * Symbol.Length)].CopyTo(MemoryMarshal.AsBytes(sketch._buckets.AsSpan()));
        rest = rest[(Buckets * Symbol.Length)..];
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            sketch._sizes[bucket] = BinaryPrimitives.ReadInt32LittleEndian(rest[(bucket * sizeof(int))..]);
            sketch._fingerprint ^= sketch._buckets[bucket];
        }

        return sketch;
    }

    private static int SavedLength(int cells) => HeaderLength + (cells * Symbol.Length) + (Buckets * BucketLength) + CheckLength;

    private static void WriteCheck(SketchKey key, ReadOnlySpan<byte> content, Span<byte> check)
    {
        (ulong first, ulong second) = SipHash.Hash(key.Saved, content);
        BinaryPrimitives.WriteUInt64LittleEndian(check, first);
        BinaryPrimitives.WriteUInt64LittleEndian(check[sizeof(ulong)..], second);
    }
}
