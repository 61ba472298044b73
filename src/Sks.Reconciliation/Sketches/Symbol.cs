using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>What stands for an element in the cells of a sketch: first 8 bytes of its digest, tag (4), check (4).</summary>
/// <param name="Low">The first 8 bytes, as a little-endian word.</param>
/// <param name="Tag">First 4 bytes of the hash of the whole digest, little-endian.</param>
/// <param name="Check">First 4 bytes of the hash of what stands before it, little-endian.</param>
/// <param name="Seed">Last 8 bytes of the same hash, little-endian: decides on the places.</param>
internal readonly record struct Symbol(ulong Low, uint Tag, uint Check, ulong Seed)
{
    /// <summary>Bytes of a symbol, and of a cell.</summary>
    public const int Length = 16;

    /// <summary>Bytes of a digest.</summary>
    public const int DigestLength = 32;

    /// <summary>First 8 bytes of the digest, big-endian.</summary>
    public ulong Prefix => BinaryPrimitives.ReverseEndianness(Low);

    /// <summary>The symbol of an element.</summary>
    /// <param name="key">Of the sketch.</param>
    /// <param name="digest"><see cref="DigestLength"/> bytes.</param>
    public static Symbol Of(SketchKey key, ReadOnlySpan<byte> digest)
    {
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(digest);
        uint tag = TagOf(key, digest);
        (ulong first, ulong second) = SipHash.Hash(key.Places, low, tag);
        return new Symbol(low, tag, (uint)first, second);
    }

    /// <summary>The tag of an element.</summary>
    public static uint TagOf(SketchKey key, ReadOnlySpan<byte> digest) => (uint)SipHash.Hash(key.Tags, digest[..DigestLength]).First;

    /// <summary>The symbol in a cell; false when the cell holds none, or a sum of several.</summary>
    /// <remarks>One sum in 2^32 passes all the same: that the cell is among the places of the symbol remains to be seen.</remarks>
    public static bool TryRead(SketchKey key, Vector128<byte> cell, out Symbol symbol)
    {
        Vector128<ulong> words = ToWords(cell);
        ulong high = words[1];
        (ulong first, ulong second) = SipHash.Hash(key.Places, words[0], (uint)high);
        symbol = new Symbol(words[0], (uint)high, (uint)first, second);
        return (uint)first == (uint)(high >> 32);
    }

    /// <summary>The symbol as 16 bytes.</summary>
    public Vector128<byte> ToCell() => ToWords(Vector128.Create(Low, Tag | ((ulong)Check << 32)).AsByte()).AsByte();

    /// <summary>What the element adds to the fingerprint of its set.</summary>
    public Vector128<byte> ToFingerprint(SketchKey key)
    {
        (ulong first, ulong second) = SipHash.Hash(key.Fingerprints, Low, Tag);
        return ToWords(Vector128.Create(first, second).AsByte()).AsByte();
    }

    /// <summary>Adds the symbol to its cells, or takes it away from them.</summary>
    public void Toggle(Span<Vector128<byte>> cells)
    {
        Vector128<byte> cell = ToCell();
        for (var mapping = new SymbolMapping(Seed); mapping.IsBelow(cells.Length); mapping.Advance())
            cells[mapping.Index] ^= cell;
    }

    /// <summary>Bytes as little-endian words, or the other way round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> ToWords(Vector128<byte> bytes)
    {
        Vector128<ulong> words = bytes.AsUInt64();
        return BitConverter.IsLittleEndian
            ? words
            : Vector128.Create(BinaryPrimitives.ReverseEndianness(words[0]), BinaryPrimitives.ReverseEndianness(words[1]));
    }
}
