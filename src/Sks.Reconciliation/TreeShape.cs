using System.Buffers.Binary;

namespace Sks.Reconciliation;

/// <summary>What peers must agree on to reconcile, and what follows from it.</summary>
/// <param name="Mbar">The most differences that one request of a node can settle. 5 in every known network.</param>
/// <param name="BitQuantum">Bits of the path from a node to its child: a node has 2^BitQuantum children. 2 in every known network.</param>
/// <param name="LeafSize">A node with at most this many elements is a leaf. Peers need not agree on it; SKS's is 50.</param>
public sealed record TreeShape(int Mbar = 5, int BitQuantum = 2, int LeafSize = 50)
{
    private const int MaxMbar = 1024;
    private const int MaxBitQuantum = 8;

    private readonly int _mbar = Check(Mbar, MaxMbar, nameof(Mbar));
    private readonly int _bitQuantum = Check(BitQuantum, MaxBitQuantum, nameof(BitQuantum));
    private readonly int _leafSize = Check(LeafSize, int.MaxValue - 1, nameof(LeafSize));

    /// <summary>The most differences that one request of a node can settle. From 1 to 1,024.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public int Mbar
    {
        get => _mbar;
        init => _mbar = Check(value, MaxMbar, nameof(Mbar));
    }

    /// <summary>Bits of the path from a node to its child. From 1 to 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public int BitQuantum
    {
        get => _bitQuantum;
        init => _bitQuantum = Check(value, MaxBitQuantum, nameof(BitQuantum));
    }

    /// <summary>A node with at most this many elements is a leaf. At least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public int LeafSize
    {
        get => _leafSize;
        init => _leafSize = Check(value, int.MaxValue - 1, nameof(LeafSize));
    }

    /// <summary>The shape of SKS's trees.</summary>
    public static TreeShape Default { get; } = new();

    /// <summary>Samples of a node: one more than <see cref="Mbar"/>, to check a result with.</summary>
    public int SampleCount => Mbar + 1;

    /// <summary>Children of a node that is no leaf.</summary>
    public int ChildCount => 1 << BitQuantum;

    /// <summary>Length of the longest prefix a node can have, in bits.</summary>
    public int MaxPrefixLength => Prefix.MaxLength - (Prefix.MaxLength % BitQuantum);

    /// <summary>Whether a node is a leaf: it has few elements, or no bits are left for children.</summary>
    /// <param name="count">How many elements are below it.</param>
    /// <param name="prefixLength">Length of its prefix in bits.</param>
    public bool IsLeaf(long count, int prefixLength) => count <= LeafSize || prefixLength + BitQuantum > Prefix.MaxLength;

    /// <summary>Whether trees hold an element. One that is a sample point is left out of them.</summary>
    /// <remarks>
    /// It would make a sample zero, from which nothing can be taken away again and nothing be told. There are as many as sample points that are not
    /// negative: for <see cref="Default"/> those whose number is 0, 1 or 2. No digest of real data is ever among them.
    /// </remarks>
    public bool CanHold(Element element) => BinaryPrimitives.ReverseEndianness(element.Value) >= (UInt128)((SampleCount + 1) / 2);

    /// <summary>Whether there is a shape of these values.</summary>
    public static bool IsPossible(int mbar, int bitQuantum, int leafSize) =>
        mbar is >= 1 and <= MaxMbar && bitQuantum is >= 1 and <= MaxBitQuantum && leafSize is >= 1 and < int.MaxValue;

    private static int Check(int value, int max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }
}
