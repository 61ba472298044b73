using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.Storage;

namespace Sks.Node.Peers;

/// <summary>The set of full views, or of those of a dialect, as one peer gets to see it, at one moment. Keeps old versions on disk while it is open.</summary>
public sealed class ReconciliationSnapshot : IDisposable
{
    private readonly StoreSnapshot _snapshot;

    private ReconciliationSnapshot(StoreSnapshot snapshot, IPartitionTree tree, IReadOnlyCollection<PeerAlias> aliases)
    {
        _snapshot = snapshot;
        Tree = aliases.Count == 0
            ? tree
            : new AliasedTree(
                tree,
                [.. aliases.Select(static alias => new Element(alias.Offered.Value)).Order()],
                [.. aliases.Where(static alias => alias.Hidden is not null).Select(static alias => new Element(alias.Hidden!.Value.Value)).Distinct().Order()]);
    }

    /// <summary>The set.</summary>
    public IPartitionTree Tree { get; }

    /// <summary>Takes one; null while the store is being repaired, or the dialect is brought in.</summary>
    internal static ReconciliationSnapshot? Take(CertificateStore store, Dialect? dialect, IReadOnlyCollection<PeerAlias> aliases)
    {
        StoreSnapshot snapshot = store.TakeSnapshot();
        try
        {
            if (snapshot.OpenTree(dialect) is { } tree)
                return new ReconciliationSnapshot(snapshot, tree, aliases);
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }

        snapshot.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _snapshot.Dispose();
}
