namespace Sks.Reconciliation;

/// <summary>Nodes in memory: for small sets. Not for use beside <see cref="Apply"/>.</summary>
public sealed class MemoryNodeStore : INodeStore
{
    private readonly Dictionary<Prefix, TreeNode> _nodes = [];

    /// <summary>The stored nodes, in no order.</summary>
    public IReadOnlyCollection<TreeNode> Nodes => _nodes.Values;

    /// <summary>The tree of some elements, in any order; the same element twice counts once.</summary>
    public static MemoryNodeStore Build(IEnumerable<Element> elements, TreeShape shape)
    {
        var store = new MemoryNodeStore();
        TreeBuilder.Build(elements.Distinct().Order(), shape, node => store._nodes.Add(node.Prefix, node));
        return store;
    }

    /// <inheritdoc/>
    public TreeNode? Find(Prefix prefix) => _nodes.GetValueOrDefault(prefix);

    /// <summary>Puts and removes nodes as a <see cref="TreeEditor"/> says.</summary>
    public void Apply(IEnumerable<NodeEdit> edits)
    {
        foreach ((Prefix prefix, TreeNode? node) in edits)
        {
            if (node is null)
                _nodes.Remove(prefix);
            else
                _nodes[prefix] = node;
        }
    }
}
