namespace Sks.Reconciliation;

/// <summary>Looks up many elements of a tree in one go.</summary>
internal static class PresentElements
{
    /// <summary>Those of some elements that are in a tree, ascending. Each node on the way to them is read once.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="prefix">What all elements begin with.</param>
    /// <param name="elements">Ascending.</param>
    public static IEnumerable<Element> Find(IPartitionTree tree, Prefix prefix, Element[] elements)
    {
        if (elements.Length == 0)
            return [];
        if (tree.Read(prefix).Elements is { } present)
            return elements.Intersect(present);
        return elements.GroupBy(element => prefix.ChildIndex(element, tree.Shape.BitQuantum))
            .SelectMany(group => Find(tree, prefix.Child(group.Key, tree.Shape.BitQuantum), [.. group]));
    }
}
