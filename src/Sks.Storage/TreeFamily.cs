using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Builds <see cref="Family.Tree"/> from the digests.</summary>
/// <remarks>
/// Each profile has a tree of its own. The elements are its digests in <see cref="Family.SksDigests"/>: one truth in two shapes. Only those that
/// <see cref="TreeShape.CanHold"/> is false for are left out.
/// </remarks>
internal static class TreeFamily
{
    private const int RowsPerBatch = 4000;

    /// <summary>The summary of the tree when it is there, has a shape, and its root counts what the summary says; else null.</summary>
    public static TreeSummary? FindSound(Database database, TreeShape shape, byte profile)
    {
        if (TreeSummary.Read(database, profile) is not { } summary || summary.Shape != shape)
            return null;
        try
        {
            TreeNode? root = new StoredNodes(database, new ReadOptions(), shape, profile).Find(Prefix.Root);
            return (root?.Count ?? 0) == summary.Count ? summary : null;
        }
        catch (StorageException)
        {
            return null;
        }
    }

    /// <summary>Removes a tree and builds it anew. Digests pass through one by one.</summary>
    /// <remarks>Can be cut off at any moment: there is no summary until the caller writes the one that is returned, synced.</remarks>
    public static TreeSummary Rebuild(Database database, TreeShape shape, byte profile)
    {
        Remove(database, profile);
        using var batch = new WriteBatch();
        using Iterator digests = database.Rocks.NewIterator(database[Family.SksDigests]);
        long count = TreeBuilder.Build(ReadElements(digests, profile), shape, node =>
        {
            batch.Put(KeyCodec.TreeNode(node.Prefix, profile), NodeCodec.Encode(node), database[Family.Tree]);
            if (batch.Count() < RowsPerBatch)
                return;
            database.Rocks.Write(batch);
            batch.Clear();
        });
        database.Rocks.Write(batch);
        return new TreeSummary(shape, count);
    }

    /// <summary>Removes a tree: at first what says that it is there.</summary>
    public static void Remove(Database database, byte profile)
    {
        using var batch = new WriteBatch();
        TreeSummary.Delete(batch, database, profile);
        database.WriteSynced(batch);
        batch.Clear();
        byte[] first = [profile];
        byte[] end = KeyCodec.EndOf(first);
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length, database[Family.Tree]);
        database.Rocks.Write(batch);
    }

    /// <summary>The elements that are in the tree, in order.</summary>
    /// <param name="digests">An iterator over <see cref="Family.SksDigests"/>.</param>
    /// <param name="profile">Whose tree.</param>
    public static IEnumerable<Element> ReadElements(Iterator digests, byte profile)
    {
        for (digests.Seek([profile]); StoreReader.StartsWith(digests, [profile]); digests.Next())
        {
            if (IsElement(digests.GetKeySpan(), profile))
                yield return ElementOf(digests.GetKeySpan());
        }
    }

    /// <summary>Whether a key of <see cref="Family.SksDigests"/> stands for an element of a tree.</summary>
    public static bool IsElement(ReadOnlySpan<byte> key, byte profile) => key.Length == 1 + SksDigest.Length && key[0] == profile;

    /// <summary>The element that a key of <see cref="Family.SksDigests"/> stands for.</summary>
    public static Element ElementOf(ReadOnlySpan<byte> key) => new(KeyCodec.ReadDigest(key).Value);
}
