namespace Sks.Reconciliation;

/// <summary>Builds the tree of a set from its leaves up.</summary>
/// <remarks>Makes the same nodes as a <see cref="TreeEditor"/> does, and holds no more than the elements of a leaf and the path to it.</remarks>
public sealed class TreeBuilder
{
    private readonly IEnumerator<Element> _elements;
    private readonly TreeShape _shape;
    private readonly Sampler _sampler;
    private readonly Action<TreeNode> _take;

    // The next elements, one more than a leaf may have.
    private readonly Queue<Element> _next = [];
    private Element? _last;

    private TreeBuilder(IEnumerator<Element> elements, TreeShape shape, Action<TreeNode> take)
    {
        _elements = elements;
        _shape = shape;
        _sampler = new Sampler(shape);
        _take = take;
    }

    /// <summary>Makes all nodes that have to be stored.</summary>
    /// <param name="elements">In ascending order, each once. Those that <see cref="TreeShape.CanHold"/> is false for are left out.</param>
    /// <param name="shape">Shape of the tree.</param>
    /// <param name="take">Given each node: children before their parent, and those of one prefix length in ascending order.</param>
    /// <returns>How many elements are in the tree.</returns>
    /// <exception cref="ArgumentException">An element does not come behind the one before it.</exception>
    public static long Build(IEnumerable<Element> elements, TreeShape shape, Action<TreeNode> take) => Build(elements, shape, Prefix.Root, take);

    /// <summary>The same for the part of a tree below a prefix that all elements have.</summary>
    internal static long Build(IEnumerable<Element> elements, TreeShape shape, Prefix prefix, Action<TreeNode> take)
    {
        using IEnumerator<Element> enumerator = elements.GetEnumerator();
        return new TreeBuilder(enumerator, shape, take).Build(prefix)?.Count ?? 0;
    }

    private TreeNode? Build(Prefix prefix)
    {
        LookAhead();
        if (!IsNextBelow(prefix))
            return null;
        bool isLeaf = _next.Count <= _shape.LeafSize || !prefix.Contains(_last!.Value) || _shape.IsLeaf(_next.Count, prefix.Length);
        TreeNode node = isLeaf ? BuildLeaf(prefix) : BuildParent(prefix);
        _take(node);
        return node;
    }

    private TreeNode BuildLeaf(Prefix prefix)
    {
        var elements = new List<Element>(_next.Count);
        for (; IsNextBelow(prefix); LookAhead())
            elements.Add(_next.Dequeue());
        return new TreeNode(prefix, elements.Count, _sampler.Evaluate(elements), elements);
    }

    private TreeNode BuildParent(Prefix prefix)
    {
        FieldElement[] samples = _sampler.CreateOnes();
        long count = 0;
        for (int i = 0; i < _shape.ChildCount; i++)
        {
            if (Build(prefix.Child(i, _shape.BitQuantum)) is not { } child)
                continue;
            Sampler.Multiply(samples, child.Samples);
            count += child.Count;
        }

        return new TreeNode(prefix, count, samples, null);
    }

    private bool IsNextBelow(Prefix prefix) => _next.TryPeek(out Element next) && prefix.Contains(next);

    private void LookAhead()
    {
        while (_next.Count <= _shape.LeafSize && _elements.MoveNext())
        {
            Element element = _elements.Current;
            if (element <= _last)
                throw new ArgumentException($"The element {element} does not come behind {_last}.");
            _last = element;
            if (_shape.CanHold(element))
                _next.Enqueue(element);
        }
    }
}
