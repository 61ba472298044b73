using System.Buffers.Binary;

namespace Sks.Reconciliation;

/// <summary>Orders of elements besides their own.</summary>
public static class ElementOrder
{
    /// <summary>By the numbers that stand for them, in which the last byte weighs most: the order in which SKS sends elements.</summary>
    public static IComparer<Element> Numeric { get; } = Comparer<Element>.Create(static (left, right) =>
        BinaryPrimitives.ReverseEndianness(left.Value).CompareTo(BinaryPrimitives.ReverseEndianness(right.Value)));
}
