using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>A sum over a set that tells, together with another's, which elements only one of the two has. Not thread-safe.</summary>
/// <remarks>
/// An irregular rateless invertible Bloom lookup table, cut off after so many cells: docs/sketch.md. To add and to remove are the same operation, so
/// nothing notices when an element is added twice.
/// </remarks>
public sealed partial class CodedSketch
{
    /// <summary>Cells are 2 to the power of this: decodes about 115,000 differences.</summary>
    public const int DefaultLog2Cells = 17;

    /// <summary>Least and most binary logarithms of the number of cells.</summary>
    internal const int MinLog2Cells = 8;

    /// <inheritdoc cref="MinLog2Cells"/>
    internal const int MaxLog2Cells = 24;

    /// <summary>Buckets of a set: elements with the same first 12 bits.</summary>
    internal const int Buckets = 4096;

    private readonly SketchKey _key;
    private readonly Vector128<byte>[] _cells;
    private readonly Vector128<byte>[] _buckets;
    private readonly int[] _sizes;
    private Vector128<byte> _fingerprint;

    /// <summary>Starts with the empty set.</summary>
    /// <param name="key">Of the link.</param>
    /// <param name="log2Cells">8 to 24; a cell has 16 bytes.</param>
    public CodedSketch(SketchKey key, int log2Cells = DefaultLog2Cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(log2Cells, MinLog2Cells);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(log2Cells, MaxLog2Cells);
        _key = key;
        _cells = new Vector128<byte>[1 << log2Cells];
        _buckets = new Vector128<byte>[Buckets];
        _sizes = new int[Buckets];
    }

    /// <summary>How many elements there are.</summary>
    public long Count { get; private set; }

    /// <summary>XOR over all elements, by a part of the key of its own: 16 bytes, as a big-endian number.</summary>
    public UInt128 Fingerprint => SketchImage.ToNumber(_fingerprint);

    /// <summary>Adds elements that are not in the set.</summary>
    /// <param name="digests">32 bytes each.</param>
    public void Add(ReadOnlySpan<byte> digests) => Toggle(digests, 1);

    /// <summary>Removes elements that are in the set.</summary>
    /// <param name="digests">32 bytes each.</param>
    public void Remove(ReadOnlySpan<byte> digests) => Toggle(digests, -1);

    /// <summary>The sketch as it is now: a copy of 16 bytes per cell and 80 KiB.</summary>
    public SketchImage Freeze() =>
        new(_key, Copy(_cells), Copy(_buckets), Array.ConvertAll(_sizes, static size => (uint)Math.Max(0, size)), Math.Max(0, Count), Fingerprint);

    private static Vector128<byte>[] Copy(Vector128<byte>[] cells)
    {
        Vector128<byte>[] copy = GC.AllocateUninitializedArray<Vector128<byte>>(cells.Length);
        cells.CopyTo(copy);
        return copy;
    }

    private void Toggle(ReadOnlySpan<byte> digests, int change)
    {
        if (digests.Length % Symbol.DigestLength != 0)
            throw new ArgumentException("Digests have 32 bytes each.", nameof(digests));
        for (; !digests.IsEmpty; digests = digests[Symbol.DigestLength..])
        {
            Symbol symbol = Symbol.Of(_key, digests[..Symbol.DigestLength]);
            symbol.Toggle(_cells);

            Vector128<byte> fingerprint = symbol.ToFingerprint(_key);
            _fingerprint ^= fingerprint;
            int bucket = (digests[0] << 4) | (digests[1] >> 4);
            _buckets[bucket] ^= fingerprint;
            _sizes[bucket] += change;
            Count += change;
        }
    }
}
