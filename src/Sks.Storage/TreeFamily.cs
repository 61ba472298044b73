using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Builds <see cref="Family.Tree"/> from the digests.</summary>
/// <remarks>
/// The elements of the tree are the digests of SKS's own dialect in <see cref="Family.SksDigests"/>: one truth in two shapes. Only those that
/// <see cref="TreeShape.CanHold"/> is false for are left out.
/// </remarks>
internal static class TreeFamily
{
    private const int RowsPerBatch = 4000;

    /// <summary>The summary of the tree when it is there, has a shape, and its root counts what the summary says; else null.</summary>
    public static TreeSummary? FindSound(Database database, TreeShape shape)
    {
        if (TreeSummary.Read(database) is not { } summary || summary.Shape != shape)
            return null;
        try
        {
            TreeNode? root = new StoredNodes(database, new ReadOptions(), shape).Find(Prefix.Root);
            return (root?.Count ?? 0) == summary.Count ? summary : null;
        }
        catch (StorageException)
        {
            return null;
        }
    }

    /// <summary>Empties the family and builds it anew. Digests pass through one by one.</summary>
    /// <remarks>Can be cut off at any moment: there is no summary until the caller writes the one that is returned, synced.</remarks>
    public static TreeSummary Rebuild(Database database, TreeShape shape)
    {
        using (var begin = new WriteBatch())
        {
            TreeSummary.Delete(begin, database);
            database.WriteSynced(begin);
        }

        DerivedFamilies.Clear(database, Family.Tree);
        using var batch = new WriteBatch();
        using Iterator digests = database.Rocks.NewIterator(database[Family.SksDigests]);
        long count = TreeBuilder.Build(ReadElements(digests), shape, node =>
        {
            batch.Put(KeyCodec.TreeNode(node.Prefix), NodeCodec.Encode(node), database[Family.Tree]);
            if (batch.Count() < RowsPerBatch)
                return;
            database.Rocks.Write(batch);
            batch.Clear();
        });
        database.Rocks.Write(batch);
        return new TreeSummary(shape, count);
    }

    /// <summary>The elements that are in the tree, in order.</summary>
    /// <param name="digests">An iterator over <see cref="Family.SksDigests"/>.</param>
    public static IEnumerable<Element> ReadElements(Iterator digests)
    {
        for (digests.Seek([KeyCodec.SksProfile]); StoreReader.StartsWith(digests, [KeyCodec.SksProfile]); digests.Next())
        {
            if (IsElement(digests.GetKeySpan()))
                yield return ElementOf(digests.GetKeySpan());
        }
    }

    /// <summary>Whether a key of <see cref="Family.SksDigests"/> stands for an element.</summary>
    public static bool IsElement(ReadOnlySpan<byte> key) => key is [KeyCodec.SksProfile, ..] && key.Length == 1 + SksDigest.Length;

    /// <summary>The element that a key of <see cref="Family.SksDigests"/> stands for.</summary>
    public static Element ElementOf(ReadOnlySpan<byte> key) => new(KeyCodec.ReadDigest(key).Value);
}
