using RocksDbSharp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Builds the partition tree again from the digest rows, and compares each node with what is stored.</summary>
/// <remarks>Every node that must exist is looked up, and all rows are counted, so that nothing has to be held in memory.</remarks>
/// <param name="snapshot">The store.</param>
/// <param name="shape">Shape that the tree must have.</param>
/// <param name="report">Told what differs.</param>
internal sealed class TreeCheck(StoreSnapshot snapshot, TreeShape shape, Action<string> report)
{
    private long _nodes;

    /// <summary>Runs the check.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        TreeSummary? summary = TreeSummary.Decode(snapshot.ReadRow(Family.Meta, TreeSummary.RowKey));
        if (summary is null || summary.Shape != shape)
        {
            report(summary is null ? "tree: it has not been built" : $"tree: built as {summary.Shape} where it has to be {shape}");
            return;
        }

        using Iterator digests = snapshot.NewIterator(Family.SksDigests);
        long count = TreeBuilder.Build(TreeFamily.ReadElements(digests), shape, node =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            _nodes++;
            Compare(node);
        });
        if (summary.Count != count)
            report($"tree: {summary.Count} digests counted where there are {count}");
        long rows = snapshot.CountRows(Family.Tree, cancellationToken);
        if (rows != _nodes)
            report($"tree: {rows} rows where the digests call for {_nodes}");
    }

    private void Compare(TreeNode node)
    {
        byte[]? value = snapshot.ReadRow(Family.Tree, KeyCodec.TreeNode(node.Prefix));
        if (value is null)
            report($"tree: the node at '{node.Prefix}' is missing");
        else if (!value.AsSpan().SequenceEqual(NodeCodec.Encode(node)))
            report($"tree: the node at '{node.Prefix}' is wrong");
    }
}
