namespace Sks.Reconciliation.Sessions;

/// <summary>What differs below a prefix, when the other side's elements there are known.</summary>
/// <param name="RemoteOnly">Elements that the tree does not have.</param>
/// <param name="LocalOnlyCount">How many elements <paramref name="LocalOnly"/> gives.</param>
/// <param name="LocalOnly">Elements that only the tree has. In the order of the wire when they are few, else ascending, which peers accept as well.</param>
/// <param name="Held">How many elements that keeps in memory.</param>
internal readonly record struct PrefixComparison(IReadOnlyList<Element> RemoteOnly, uint LocalOnlyCount, IEnumerable<Element> LocalOnly, int Held)
{
    /// <summary>So many elements are always held.</summary>
    public const int FewElements = 512;

    /// <summary>Compares. Elements of the other side that are not below the prefix say nothing about it and are left out.</summary>
    /// <param name="tree">The own side.</param>
    /// <param name="prefix">What is compared.</param>
    /// <param name="remote">What the other side has there.</param>
    /// <param name="maxHeld">Most elements of the tree that are held; where there are more, those that both sides have are.</param>
    public static PrefixComparison Compute(IPartitionTree tree, Prefix prefix, IReadOnlyList<Element> remote, int maxHeld)
    {
        long count = tree.Read(prefix).Count;
        HashSet<Element> missing = [.. remote.Where(prefix.Contains)];
        if (count > maxHeld)
            return ComputeLarge(tree, prefix, missing, count);

        List<Element> localOnly = [];
        foreach (Element element in tree.ReadElements(prefix))
        {
            if (!missing.Remove(element))
                localOnly.Add(element);
        }

        localOnly.Sort(ElementOrder.Numeric);
        return new([.. missing], (uint)localOnly.Count, localOnly, localOnly.Count);
    }

    private static PrefixComparison ComputeLarge(IPartitionTree tree, Prefix prefix, HashSet<Element> missing, long count)
    {
        HashSet<Element> common = [.. PresentElements.Find(tree, prefix, [.. missing.Order()])];
        missing.ExceptWith(common);
        return new(
            [.. missing],
            checked((uint)(count - common.Count)),
            tree.ReadElements(prefix).Where(element => !common.Contains(element)),
            common.Count);
    }
}
