namespace Sks.Reconciliation.Sessions;

/// <summary>The order in which SKS sends the elements of a set: <see cref="ElementOrder.Numeric"/>.</summary>
internal static class WireOrder
{
    /// <summary>Sorts a list.</summary>
    public static List<Element> Sort(IEnumerable<Element> elements)
    {
        List<Element> sorted = [.. elements];
        sorted.Sort(ElementOrder.Numeric);
        return sorted;
    }
}
