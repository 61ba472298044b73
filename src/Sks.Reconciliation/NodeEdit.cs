namespace Sks.Reconciliation;

/// <summary>What becomes of one stored node.</summary>
/// <param name="Prefix">Which one.</param>
/// <param name="Node">What it is now; null when it is gone.</param>
public readonly record struct NodeEdit(Prefix Prefix, TreeNode? Node);
