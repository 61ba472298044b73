namespace Sks.Reconciliation;

/// <summary>Where the nodes of a partition tree are kept.</summary>
public interface INodeStore
{
    /// <summary>The node at a prefix; null when there is none: its parent is a leaf, or the tree is empty.</summary>
    TreeNode? Find(Prefix prefix);
}
