using System.Globalization;
using System.Numerics;

namespace Sks.Reconciliation.Tests;

/// <summary>Nodes worked out of a set of elements by definition, with numbers of any size.</summary>
internal static class NaiveTree
{
    private static readonly BigInteger Prime = BigInteger.Parse("530512889551602322505127520352579437339", CultureInfo.InvariantCulture);

    /// <summary>All nodes that are stored for a set, as text.</summary>
    public static SortedSet<string> Describe(IEnumerable<Element> elements, TreeShape shape)
    {
        var nodes = new SortedSet<string>(StringComparer.Ordinal);
        AddNodes(nodes, "", [.. elements.Order()], shape);
        return nodes;
    }

    /// <summary>Nodes in the same form.</summary>
    public static SortedSet<string> Describe(IEnumerable<TreeNode> nodes) =>
        new(nodes.Select(static node => Describe(node.Prefix.ToString(), node.Count, node.Samples.Select(static s => s.ToString()), node.Elements)), StringComparer.Ordinal);

    /// <summary>The node at a prefix, whether it is stored or not.</summary>
    public static string DescribeNode(IEnumerable<Element> elements, Prefix prefix, TreeShape shape) =>
        DescribeNode(prefix.ToString(), [.. elements.Where(e => PathOf(e).StartsWith(prefix.ToString(), StringComparison.Ordinal)).Order()], shape);

    public static string DescribeNode(TreeNode node) => Describe([node]).Single();

    private static void AddNodes(SortedSet<string> nodes, string prefix, List<Element> elements, TreeShape shape)
    {
        if (elements.Count == 0)
            return;
        nodes.Add(DescribeNode(prefix, elements, shape));
        if (IsLeaf(prefix, elements, shape))
            return;
        foreach (IGrouping<string, Element> child in elements.GroupBy(element => PathOf(element)[..(prefix.Length + shape.BitQuantum)]))
            AddNodes(nodes, child.Key, [.. child], shape);
    }

    private static bool IsLeaf(string prefix, List<Element> elements, TreeShape shape) =>
        elements.Count <= shape.LeafSize || prefix.Length + shape.BitQuantum > 128;

    private static string DescribeNode(string prefix, List<Element> elements, TreeShape shape)
    {
        IEnumerable<string> samples = Enumerable.Range(0, shape.Mbar + 1).Select(i =>
        {
            BigInteger point = i % 2 == 0 ? i / 2 : -((i + 1) / 2);
            BigInteger product = elements.Aggregate(BigInteger.One, (sample, element) => sample * (point - NumberOf(element)) % Prime);
            return ((product + Prime) % Prime).ToString(CultureInfo.InvariantCulture);
        });
        return Describe(prefix, elements.Count, samples, IsLeaf(prefix, elements, shape) ? elements : null);
    }

    private static string Describe(string prefix, long count, IEnumerable<string> samples, IEnumerable<Element>? elements) =>
        $"{prefix}: {count} [{string.Join(' ', samples)}] {(elements is null ? "parent" : string.Join(' ', elements))}";

    private static string PathOf(Element element) => element.Value.ToString("B128", null);

    private static BigInteger NumberOf(Element element) => new(Convert.FromHexString(element.ToString()), isUnsigned: true);
}
