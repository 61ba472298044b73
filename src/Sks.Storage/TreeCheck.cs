using RocksDbSharp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Builds the partition tree of a profile again from its digest rows, and compares each node with what is stored.</summary>
/// <remarks>Every node that must exist is looked up; together with a count of all rows of all profiles nothing has to be held in memory.</remarks>
/// <param name="snapshot">The store.</param>
/// <param name="shape">Shape that the tree must have.</param>
/// <param name="profile">Whose tree.</param>
/// <param name="report">Told what differs.</param>
internal sealed class TreeCheck(StoreSnapshot snapshot, TreeShape shape, byte profile, Action<string> report)
{
    /// <summary>Runs the check.</summary>
    /// <returns>How many nodes there must be.</returns>
    public long Run(CancellationToken cancellationToken)
    {
        long nodes = 0;
        TreeSummary? summary = TreeSummary.Decode(snapshot.ReadRow(Family.Meta, TreeSummary.RowKey(profile)));
        if (summary is null || summary.Shape != shape)
        {
            report(summary is null ? "tree: it has not been built" : $"tree: built as {summary.Shape} where it has to be {shape}");
            return nodes;
        }

        using Iterator digests = snapshot.NewIterator(Family.SksDigests);
        long count = TreeBuilder.Build(TreeFamily.ReadElements(digests, profile), shape, node =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            nodes++;
            Compare(node);
        });
        if (summary.Count != count)
            report($"tree: {summary.Count} digests counted where there are {count}");
        return nodes;
    }

    private void Compare(TreeNode node)
    {
        byte[]? value = snapshot.ReadRow(Family.Tree, KeyCodec.TreeNode(node.Prefix, profile));
        if (value is null)
            report($"tree: the node at '{node.Prefix}' is missing");
        else if (!value.AsSpan().SequenceEqual(NodeCodec.Encode(node)))
            report($"tree: the node at '{node.Prefix}' is wrong");
    }
}
