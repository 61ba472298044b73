namespace Sks.Reconciliation;

/// <summary>A partition tree over stored nodes.</summary>
/// <remarks>
/// The stored tree is canonical: a node is there iff something is below it and its parent is none or not a leaf; whether it is a leaf, see
/// <see cref="TreeShape.IsLeaf"/>. So the nodes follow from the set of elements and nothing else. As good for concurrent use as the store is.
/// </remarks>
public sealed class PartitionTree : IPartitionTree
{
    private readonly INodeStore _store;
    private readonly Sampler _sampler;

    /// <summary>A tree over nodes that a <see cref="TreeEditor"/> or <see cref="TreeBuilder"/> of the same shape has made.</summary>
    public PartitionTree(INodeStore store, TreeShape shape)
    {
        _store = store;
        _sampler = new Sampler(shape);
        Shape = shape;
    }

    /// <inheritdoc/>
    public TreeShape Shape { get; }

    /// <inheritdoc/>
    /// <remarks>A stored node costs one look-up, any other one for each level of the tree.</remarks>
    /// <exception cref="ArgumentException">The length of the prefix is no multiple of <see cref="TreeShape.BitQuantum"/>.</exception>
    public TreeNode Read(Prefix prefix)
    {
        if (prefix.Length % Shape.BitQuantum != 0)
            throw new ArgumentException($"A prefix of {prefix.Length} bits leads to no node of the tree.", nameof(prefix));
        if (_store.Find(prefix) is { } stored)
            return stored;
        Element[] elements = FindLeafAbove(prefix) is { } leaf ? [.. leaf.Elements!.Where(prefix.Contains)] : [];
        return new TreeNode(prefix, elements.Length, _sampler.Evaluate(elements), elements);
    }

    /// <inheritdoc/>
    public IEnumerable<Element> ReadElements(Prefix prefix)
    {
        TreeNode node = Read(prefix);
        return node.Elements ?? Enumerable.Range(0, Shape.ChildCount).SelectMany(child => ReadElements(prefix.Child(child, Shape.BitQuantum)));
    }

    private TreeNode? FindLeafAbove(Prefix prefix)
    {
        for (int length = 0; length < prefix.Length; length += Shape.BitQuantum)
        {
            TreeNode? node = _store.Find(new Prefix(prefix.Bits, length));
            if (node is null or { IsLeaf: true })
                return node;
        }

        return null;
    }
}
