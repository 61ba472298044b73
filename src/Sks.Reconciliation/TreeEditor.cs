namespace Sks.Reconciliation;

/// <summary>Puts elements into a tree and takes some out, all in one go.</summary>
/// <remarks>
/// <para>Works on a set: to add what is there and to remove what is not is nothing, and of several wishes about one element the last counts. Elements
/// that <see cref="TreeShape.CanHold"/> is false for are left out.</para>
/// <para>The stored nodes are only read. What <see cref="Apply"/> returns is the caller's to store, whole or not at all.</para>
/// <para>What comes and goes is multiplied up per leaf and then costs each node above one multiplication per sample. All that goes is divided by
/// with one inversion.</para>
/// </remarks>
public sealed class TreeEditor(INodeStore store, TreeShape shape)
{
    private readonly Sampler _sampler = new(shape);
    private readonly Dictionary<Element, bool> _wishes = [];

    /// <summary>Wants an element in the tree.</summary>
    public void Add(Element element) => Wish(element, isWanted: true);

    /// <summary>Wants an element out of the tree.</summary>
    public void Remove(Element element) => Wish(element, isWanted: false);

    /// <summary>Works out what becomes of the stored nodes; empty when nothing does. The editor has nothing to do afterwards.</summary>
    public IReadOnlyCollection<NodeEdit> Apply()
    {
        Element[] elements = [.. _wishes.Keys.Order()];
        List<TouchedNode> leaves = [];
        TouchedNode? root = elements.Length == 0 ? null : Descend(Prefix.Root, elements, leaves);
        _wishes.Clear();
        if (root is null)
            return [];
        Divide(leaves);
        var edits = new Dictionary<Prefix, TreeNode?>(root.Size);
        Ascend(root, edits);
        var result = new List<NodeEdit>(edits.Count);
        foreach ((Prefix prefix, TreeNode? node) in edits)
            result.Add(new NodeEdit(prefix, node));
        return result;
    }

    private void Wish(Element element, bool isWanted)
    {
        if (shape.CanHold(element))
            _wishes[element] = isWanted;
    }

    // Finds the nodes that change; null when none does.
    private TouchedNode? Descend(Prefix prefix, ReadOnlySpan<Element> elements, List<TouchedNode> leaves)
    {
        TreeNode? stored = store.Find(prefix);
        if (stored is not { IsLeaf: false })
        {
            TouchedNode? leaf = EditLeaf(prefix, stored, elements);
            if (leaf is not null)
                leaves.Add(leaf);
            return leaf;
        }

        var children = new List<TouchedNode>(Math.Min(elements.Length, shape.ChildCount));
        int size = 1;
        while (!elements.IsEmpty)
        {
            Prefix child = prefix.Child(prefix.ChildIndex(elements[0], shape.BitQuantum), shape.BitQuantum);
            int below = 1;
            while (below < elements.Length && child.Contains(elements[below]))
                below++;
            if (Descend(child, elements[..below], leaves) is { } touched)
            {
                children.Add(touched);
                size += touched.Size;
            }

            elements = elements[below..];
        }

        return children.Count == 0 ? null : new TouchedNode(prefix, stored) { Children = children, Size = size };
    }

    private TouchedNode? EditLeaf(Prefix prefix, TreeNode? stored, ReadOnlySpan<Element> elements)
    {
        IReadOnlyList<Element> before = stored?.Elements ?? [];
        var after = new List<Element>(before.Count + elements.Length);
        FieldElement[]? added = null;
        FieldElement[]? removed = null;
        int next = 0;
        foreach (Element element in elements)
        {
            while (next < before.Count && before[next] < element)
                after.Add(before[next++]);
            bool isThere = next < before.Count && before[next] == element;
            if (isThere)
                next++;
            bool isWanted = _wishes[element];
            if (isWanted)
                after.Add(element);
            if (isWanted && !isThere)
                _sampler.Include(added ??= _sampler.CreateOnes(), element);
            else if (!isWanted && isThere)
                _sampler.Include(removed ??= _sampler.CreateOnes(), element);
        }

        while (next < before.Count)
            after.Add(before[next++]);
        if (added is null && removed is null)
            return null;
        return new TouchedNode(prefix, stored)
        {
            Elements = after,
            CountChange = after.Count - before.Count,
            Factor = added ?? _sampler.CreateOnes(),
            Divisor = removed,
        };
    }

    private static void Divide(List<TouchedNode> leaves)
    {
        FieldElement[] divisors = [.. leaves.SelectMany(static leaf => leaf.Divisor ?? [])];
        FieldElement.InvertAll(divisors);
        int next = 0;
        foreach (TouchedNode leaf in leaves.Where(static leaf => leaf.Divisor is not null))
        {
            Sampler.Multiply(leaf.Factor, new ArraySegment<FieldElement>(divisors, next, leaf.Factor.Length));
            next += leaf.Factor.Length;
        }
    }

    private void Ascend(TouchedNode touched, Dictionary<Prefix, TreeNode?> edits)
    {
        if (touched.Elements is { } elements)
            EndLeaf(touched, elements, edits);
        else
            EndParent(touched, edits);
        if (touched.Result is not null || touched.Stored is not null)
            edits[touched.Prefix] = touched.Result;
    }

    private void EndLeaf(TouchedNode touched, List<Element> elements, Dictionary<Prefix, TreeNode?> edits)
    {
        if (shape.IsLeaf(elements.Count, touched.Prefix.Length))
            touched.Result = elements.Count == 0 ? null : new TreeNode(touched.Prefix, elements.Count, SamplesOf(touched), elements);
        else
            TreeBuilder.Build(elements, shape, touched.Prefix, node => edits[node.Prefix] = touched.Result = node);
    }

    private void EndParent(TouchedNode touched, Dictionary<Prefix, TreeNode?> edits)
    {
        for (int i = 0; i < touched.Children.Count; i++)
        {
            TouchedNode child = touched.Children[i];
            Ascend(child, edits);
            touched.CountChange += child.CountChange;
            if (i == 0)
                touched.Factor = child.Factor; // which the child does not need any more
            else
                Sampler.Multiply(touched.Factor, child.Factor);
        }

        long count = touched.Stored!.Count + touched.CountChange;
        List<Element>? elements = shape.IsLeaf(count, touched.Prefix.Length) ? Join(touched, edits) : null;
        touched.Result = elements is { Count: 0 } ? null : new TreeNode(touched.Prefix, count, SamplesOf(touched), elements);
    }

    // The children's elements, and the children gone. With so few elements all of them are leaves.
    private List<Element> Join(TouchedNode touched, Dictionary<Prefix, TreeNode?> edits)
    {
        List<Element> elements = [];
        for (int i = 0; i < shape.ChildCount; i++)
        {
            Prefix prefix = touched.Prefix.Child(i, shape.BitQuantum);
            TouchedNode? child = touched.Children.Find(child => child.Prefix == prefix);
            TreeNode? stored = child is null ? store.Find(prefix) : child.Stored;
            elements.AddRange((child is null ? stored : child.Result)?.Elements ?? []);
            if (stored is null)
                edits.Remove(prefix);
            else
                edits[prefix] = null;
        }

        return elements;
    }

    private FieldElement[] SamplesOf(TouchedNode touched)
    {
        FieldElement[] samples = touched.Stored is null ? _sampler.CreateOnes() : [.. touched.Stored.Samples];
        Sampler.Multiply(samples, touched.Factor);
        return samples;
    }

    // A leaf has elements, any other node children.
    private sealed class TouchedNode(Prefix prefix, TreeNode? stored)
    {
        public Prefix Prefix { get; } = prefix;

        public TreeNode? Stored { get; } = stored;

        public List<Element>? Elements { get; init; }

        public List<TouchedNode> Children { get; init; } = [];

        // How many nodes it is with those below it.
        public int Size { get; init; } = 1;

        public long CountChange { get; set; }

        public FieldElement[] Factor { get; set; } = [];

        public FieldElement[]? Divisor { get; init; }

        public TreeNode? Result { get; set; }
    }
}
