using System.Buffers.Binary;

namespace Sks.Reconciliation.Sessions;

/// <summary>The order in which SKS sends the elements of a set: by the number that each stands for, whose last byte weighs most.</summary>
internal static class WireOrder
{
    /// <summary>Sorts a list.</summary>
    public static List<Element> Sort(IEnumerable<Element> elements)
    {
        List<Element> sorted = [.. elements];
        sorted.Sort(static (left, right) =>
            BinaryPrimitives.ReverseEndianness(left.Value).CompareTo(BinaryPrimitives.ReverseEndianness(right.Value)));
        return sorted;
    }
}
