using Sks.Reconciliation;

namespace Sks.TestSupport;

/// <summary>A set of elements in memory as a session sees it, summed up anew from the elements of each node.</summary>
public sealed class MemoryTree : IPartitionTree
{
    private readonly Element[] _elements;
    private readonly IReadOnlyList<FieldElement> _points;
    private readonly Dictionary<Prefix, TreeNode> _nodes = [];

    public MemoryTree(IEnumerable<Element> elements, TreeShape? shape = null)
    {
        Shape = shape ?? TreeShape.Default;
        _elements = [.. elements.Distinct().Order()];
        _points = SamplePoints.First(Shape.SampleCount);
    }

    public TreeShape Shape { get; }

    public TreeNode Read(Prefix prefix)
    {
        if (!_nodes.TryGetValue(prefix, out TreeNode? node))
            _nodes[prefix] = node = Sum(prefix);
        return node;
    }

    public IEnumerable<Element> ReadElements(Prefix prefix)
    {
        (int from, int to) = Find(prefix);
        return _elements.Take(from..to);
    }

    private TreeNode Sum(Prefix prefix)
    {
        (int from, int to) = Find(prefix);
        FieldElement[] samples = [.. Enumerable.Repeat(FieldElement.One, _points.Count)];
        foreach (Element element in _elements.AsSpan(from..to))
        {
            var number = FieldElement.From(element);
            for (int i = 0; i < samples.Length; i++)
                samples[i] *= _points[i] - number;
        }

        return new TreeNode(prefix, to - from, samples, to - from <= Shape.LeafSize ? _elements[from..to] : null);
    }

    private (int From, int To) Find(Prefix prefix)
    {
        int from = Array.BinarySearch(_elements, prefix.First);
        int to = Array.BinarySearch(_elements, prefix.Last);
        return (from < 0 ? ~from : from, to < 0 ? ~to : to + 1);
    }
}
