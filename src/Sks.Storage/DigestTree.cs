using RocksDbSharp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>The partition tree of one profile in the hands of the writer: follows the digests, batch by batch. Writer thread only.</summary>
/// <remarks>
/// <para>What a batch changes is worked out when the batch is complete, and forgotten or kept when it is known whether the batch was written: nobody
/// sees a node before, and a failed batch leaves nothing behind.</para>
/// <para>The upper levels, which every batch changes, are kept in memory. Those further down are many and each batch needs others: the database's
/// cache is theirs.</para>
/// </remarks>
internal sealed class DigestTree : INodeStore
{
    // Some 20,000 nodes for the usual shape, at most twice that.
    private const int CachedPrefixLength = 14;

    private readonly Database _database;
    private readonly TreeShape _shape;
    private readonly byte _profile;
    private readonly StoredNodes _stored;
    private readonly Dictionary<Prefix, TreeNode> _cache = [];
    private TreeEditor _editor;
    private IReadOnlyCollection<NodeEdit> _edits = [];

    public DigestTree(Database database, TreeShape shape, byte profile)
    {
        _database = database;
        _shape = shape;
        _profile = profile;
        _stored = new StoredNodes(database, new ReadOptions(), shape, profile);
        _editor = new TreeEditor(this, shape);
    }

    /// <summary>Notes that a row is put.</summary>
    public void Put(in DerivedRow row)
    {
        if (row.Family == Family.SksDigests && TreeFamily.IsElement(row.Key, _profile))
            _editor.Add(TreeFamily.ElementOf(row.Key));
    }

    /// <summary>Notes that a row is deleted. When two certificates share a digest it is gone for both, as the row is.</summary>
    public void Delete(in DerivedRow row)
    {
        if (row.Family == Family.SksDigests && TreeFamily.IsElement(row.Key, _profile))
            _editor.Remove(TreeFamily.ElementOf(row.Key));
    }

    /// <summary>Adds to a batch what follows from the noted rows.</summary>
    /// <exception cref="StorageException">A node is damaged. The next start builds the tree anew.</exception>
    public void Write(WriteBatch batch)
    {
        try
        {
            _edits = _editor.Apply();
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Corrupt)
        {
            using var unsound = new WriteBatch();
            TreeSummary.Delete(unsound, _database, _profile);
            _database.WriteSynced(unsound);
            throw;
        }

        foreach ((Prefix prefix, TreeNode? node) in _edits)
        {
            if (node is null)
                batch.Delete(KeyCodec.TreeNode(prefix, _profile), _database[Family.Tree]);
            else
                batch.Put(KeyCodec.TreeNode(prefix, _profile), NodeCodec.Encode(node), _database[Family.Tree]);
            if (prefix == Prefix.Root)
                new TreeSummary(_shape, node?.Count ?? 0).Write(batch, _database, _profile);
        }
    }

    /// <summary>Takes note that the batch was written.</summary>
    public void Keep()
    {
        foreach ((Prefix prefix, TreeNode? node) in _edits)
        {
            if (node is null)
                _cache.Remove(prefix);
            else
                Cache(node);
        }

        _edits = [];
    }

    /// <summary>Takes note that the batch was not written.</summary>
    public void Drop()
    {
        _edits = [];
        _editor = new TreeEditor(this, _shape);
    }

    /// <summary>Takes note that the tree may be another one.</summary>
    public void Forget()
    {
        Drop();
        _cache.Clear();
    }

    TreeNode? INodeStore.Find(Prefix prefix)
    {
        if (_cache.TryGetValue(prefix, out TreeNode? cached))
            return cached;
        TreeNode? node = _stored.Find(prefix);
        if (node is not null)
            Cache(node);
        return node;
    }

    private void Cache(TreeNode node)
    {
        if (node.Prefix.Length <= CachedPrefixLength)
            _cache[node.Prefix] = node;
    }
}
