using RocksDbSharp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>The nodes of one profile's tree in <see cref="Family.Tree"/>. For concurrent use.</summary>
internal sealed class StoredNodes(Database database, ReadOptions options, TreeShape shape, byte profile) : INodeStore
{
    /// <inheritdoc/>
    /// <exception cref="StorageException">The row is damaged.</exception>
    public TreeNode? Find(Prefix prefix)
    {
        Span<byte> key = stackalloc byte[KeyCodec.MaxTreeNodeLength];
        return database.Rocks.Get(KeyCodec.TreeNode(prefix, profile, key), new NodeReader(prefix, shape), database[Family.Tree], options);
    }

    // Reads a node without copying its row.
    private sealed class NodeReader(Prefix prefix, TreeShape shape) : ISpanDeserializer<TreeNode?>
    {
        public TreeNode? Deserialize(ReadOnlySpan<byte> buffer) => buffer.IsEmpty ? null : NodeCodec.Decode(prefix, buffer, shape);
    }
}
