namespace Sks.Reconciliation;

/// <summary>A node of the partition tree: all elements with one prefix, summed up.</summary>
/// <remarks>Immutable.</remarks>
/// <param name="Prefix">What its elements begin with.</param>
/// <param name="Count">How many elements are below it.</param>
/// <param name="Samples">For each sample point z in order the product of z - e over all elements e below it; all ones when there are none.</param>
/// <param name="Elements">The elements in ascending order when it is a leaf, else null.</param>
public sealed record TreeNode(Prefix Prefix, long Count, IReadOnlyList<FieldElement> Samples, IReadOnlyList<Element>? Elements)
{
    /// <summary>Whether it has no children.</summary>
    public bool IsLeaf => Elements is not null;
}
