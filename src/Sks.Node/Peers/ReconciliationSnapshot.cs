using Sks.Reconciliation;
using Sks.Storage;

namespace Sks.Node.Peers;

/// <summary>The set of full views as one peer gets to see it, at one moment. Keeps old versions on disk while it is open.</summary>
public sealed class ReconciliationSnapshot : IDisposable
{
    private readonly StoreSnapshot _snapshot;

    internal ReconciliationSnapshot(StoreSnapshot snapshot, IReadOnlyCollection<PeerAlias> aliases)
    {
        _snapshot = snapshot;
        IPartitionTree tree = snapshot.OpenTree();
        Tree = aliases.Count == 0
            ? tree
            : new AliasedTree(
                tree,
                [.. aliases.Select(static alias => new Element(alias.Offered.Value)).Order()],
                [.. aliases.Where(static alias => alias.Hidden is not null).Select(static alias => new Element(alias.Hidden!.Value.Value)).Distinct().Order()]);
    }

    /// <summary>The set.</summary>
    public IPartitionTree Tree { get; }

    /// <inheritdoc/>
    public void Dispose() => _snapshot.Dispose();
}
