using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage.Tests;

/// <summary>The rows of the tree, held against the certificates.</summary>
internal static class TreeNodes
{
    /// <summary>A shape whose trees are high with few certificates.</summary>
    public static TreeShape High { get; } = new(LeafSize: 2);

    /// <summary>Demands that every node is what the digests in all records call for, and that there is no other.</summary>
    public static void AssertSound(CertificateStore store, TreeShape shape)
    {
        using StoreSnapshot snapshot = store.TakeSnapshot();
        Element[] elements = [.. snapshot.ReadAll().Where(static stored => stored.SksDigest is not null).Select(static stored => ElementOf(stored.SksDigest!.Value))];
        Assert.Equal(Describe(MemoryNodeStore.Build(elements, shape).Nodes), Read(snapshot));
        Assert.Equal(shape, snapshot.OpenTree()!.Shape);
        Assert.Equal(elements.Order(), snapshot.OpenTree()!.ReadElements(Prefix.Root));
    }

    public static Element ElementOf(SksDigest digest) => new(digest.Value);

    private static SortedDictionary<string, string> Describe(IEnumerable<TreeNode> nodes) => new(
        nodes.ToDictionary(static node => Convert.ToHexString(KeyCodec.TreeNode(node.Prefix)), static node => Convert.ToHexString(NodeCodec.Encode(node))),
        StringComparer.Ordinal);

    private static SortedDictionary<string, string> Read(StoreSnapshot snapshot)
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using Iterator iterator = snapshot.NewIterator(Family.Tree);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            rows.Add(Convert.ToHexString(iterator.GetKeySpan()), Convert.ToHexString(iterator.GetValueSpan()));
        return rows;
    }
}
