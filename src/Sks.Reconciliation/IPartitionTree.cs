namespace Sks.Reconciliation;

/// <summary>A set of elements as a session sees it: summed up below every prefix, and the same as long as the session lasts.</summary>
public interface IPartitionTree
{
    /// <summary>What peers must agree on.</summary>
    TreeShape Shape { get; }

    /// <summary>The node at a prefix whose length is a multiple of <see cref="TreeShape.BitQuantum"/>. Also below a leaf, where it is worked out of the leaf's elements.</summary>
    TreeNode Read(Prefix prefix);

    /// <summary>All elements below a prefix in ascending order, one by one.</summary>
    IEnumerable<Element> ReadElements(Prefix prefix);
}
