using System.Buffers.Binary;
using System.Globalization;

namespace Sks.Reconciliation;

/// <summary>A member of a set that is reconciled: 16 bytes, such as the digest of a piece of data.</summary>
/// <remarks>Elements are ordered by their bytes, which is the order of the partition tree's leaves.</remarks>
/// <param name="Value">The 16 bytes, read big-endian: the first bit of the tree's path is the most significant one.</param>
public readonly record struct Element(UInt128 Value) : IComparable<Element>
{
    /// <summary>Bytes of an element.</summary>
    public const int Length = 16;

    /// <summary>Reads the first 16 bytes of <paramref name="source"/>.</summary>
    public static Element Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128BigEndian(source));

    /// <summary>Writes 16 bytes.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(Element left, Element right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> comes before or is <paramref name="right"/>.</summary>
    public static bool operator <=(Element left, Element right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> comes behind <paramref name="right"/>.</summary>
    public static bool operator >(Element left, Element right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> comes behind or is <paramref name="right"/>.</summary>
    public static bool operator >=(Element left, Element right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(Element other) => Value.CompareTo(other.Value);

    /// <summary>32 upper-case hex digits.</summary>
    public override string ToString() => Value.ToString("X32", CultureInfo.InvariantCulture);
}
