namespace Sks.Reconciliation;

/// <summary>The bits that all elements below a node of the partition tree begin with.</summary>
public readonly record struct Prefix
{
    /// <summary>Most bits of a prefix: those of an element.</summary>
    public const int MaxLength = 8 * Element.Length;

    /// <summary>A prefix of the first <paramref name="length"/> bits of <paramref name="bits"/>; the others are dropped.</summary>
    /// <param name="bits">Left-aligned: the first bit is the most significant one.</param>
    /// <param name="length">0 to <see cref="MaxLength"/>.</param>
    public Prefix(UInt128 bits, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        Bits = bits & Mask(length);
        Length = length;
    }

    /// <summary>The prefix of the root, which everything has.</summary>
    public static Prefix Root { get; }

    /// <summary>The bits, left-aligned; those behind <see cref="Length"/> are zero.</summary>
    public UInt128 Bits { get; }

    /// <summary>How many bits.</summary>
    public int Length { get; }

    /// <summary>The smallest element with this prefix.</summary>
    public Element First => new(Bits);

    /// <summary>The greatest element with this prefix.</summary>
    public Element Last => new(Bits | ~Mask(Length));

    /// <summary>The prefix of a child.</summary>
    /// <param name="index">Which child: the value of the added bits.</param>
    /// <param name="bitQuantum">How many bits are added.</param>
    public Prefix Child(int index, int bitQuantum) => new(Bits | ((UInt128)(uint)index << (MaxLength - Length - bitQuantum)), Length + bitQuantum);

    /// <summary>The child that an element belongs to, which begins with this prefix.</summary>
    /// <inheritdoc cref="Child"/>
    public int ChildIndex(Element element, int bitQuantum) =>
        (int)(element.Value >> (MaxLength - Length - bitQuantum)) & ((1 << bitQuantum) - 1);

    /// <summary>Whether an element begins with this prefix.</summary>
    public bool Contains(Element element) => (element.Value & Mask(Length)) == Bits;

    /// <summary>The bits as 0 and 1.</summary>
    public override string ToString() => Bits.ToString("B128", null)[..Length];

    private static UInt128 Mask(int length) => length == 0 ? UInt128.Zero : UInt128.MaxValue << (MaxLength - length);
}
