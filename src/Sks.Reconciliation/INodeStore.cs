namespace Sks.Reconciliation;

/// <summary>Where the nodes of a partition tree are kept.</summary>
public interface INodeStore
{
    /// <summary>The node at a prefix; null when there is none: nothing is below it, or its parent is a leaf.</summary>
    TreeNode? Find(Prefix prefix);
}
