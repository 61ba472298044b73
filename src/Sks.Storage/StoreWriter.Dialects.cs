using Sks.OpenPgp;

namespace Sks.Storage;

/// <content>Dialects: which are maintained, and the trees of those that are complete.</content>
internal sealed partial class StoreWriter
{
    // That of SKS first.
    private List<DigestTree> _trees;
    private volatile IReadOnlyList<Dialect> _dialects = [];
    private volatile IReadOnlyList<Dialect> _complete = [];

    /// <summary>The dialects whose digests every change must bring, by ascending profile.</summary>
    public IReadOnlyList<Dialect> Dialects => _dialects;

    /// <summary>Those of them that have a tree.</summary>
    public IReadOnlyList<Dialect> CompleteDialects => _complete;

    /// <summary>Has other dialects maintained. Before the loop runs, or on it.</summary>
    public void Maintain(IReadOnlyList<Dialect> dialects) => _dialects = dialects;

    /// <summary>Has the trees of dialects follow all changes. Before the loop runs, or on it.</summary>
    public void Complete(IReadOnlyList<Dialect> dialects)
    {
        _trees = [_trees[0], .. dialects.Select(dialect => new DigestTree(_database, DialectTrees.Shape, dialect.Profile))];
        _complete = dialects;
    }
}
