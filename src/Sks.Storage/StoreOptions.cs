using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>How a store is kept.</summary>
public sealed record StoreOptions
{
    /// <summary>Folder of the store; created when missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Writing stops while the disk has less free space than this, in bytes. Default: 256 MiB.</summary>
    public long MinFreeDiskBytes { get; init; } = 256L << 20;

    /// <summary>Most changes in one synced batch. Default: 512; beyond, a group only takes longer.</summary>
    public int MaxGroupSize { get; init; } = 512;

    /// <summary>Most bytes of records in one synced batch. Default: 8 MiB.</summary>
    public int MaxGroupBytes { get; init; } = 8 << 20;

    /// <summary>Changes that may wait for the writer; beyond, callers wait. Default: 1,024.</summary>
    public int QueueLength { get; init; } = 1024;

    /// <summary>How long the change log reaches back. Default: 31 days.</summary>
    public TimeSpan ChangeRetention { get; init; } = TimeSpan.FromDays(31);

    /// <summary>How many records the change log keeps. Default: 10 million.</summary>
    public long MaxChanges { get; init; } = 10_000_000;

    /// <summary>The policies whose clean views are kept, by ascending version; the last is the one to serve. No option of operators.</summary>
    public IReadOnlyList<CleanViewPolicy> Policies { get; init; } = [CleanViewPolicy.Current];

    /// <summary>
    /// The dialects whose digests and trees are kept besides those that the store has; what is missing is made by <see cref="CertificateStore.DialectBuild"/>.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<Dialect> Dialects { get; init; } = [];

    /// <summary>
    /// Shape of SKS's partition tree. A store whose tree has another one gets it anew when it is opened. Default: null, for the one that it has, or
    /// that of SKS when it has none.
    /// </summary>
    public TreeShape? TreeShape { get; init; }

    /// <summary>The shape that SKS's tree of a database has to have.</summary>
    internal TreeShape TreeShapeFor(Database database) => TreeShape ?? TreeSummary.Read(database, KeyCodec.SksProfile)?.Shape ?? Sks.Reconciliation.TreeShape.Default;
}
