using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>The store as it was at one moment. Keeps old versions on disk while it is open: dispose soon.</summary>
public sealed class StoreSnapshot : StoreReader, IDisposable
{
    private const int RowsPerLook = 1000;
    private const int DigestsPerChunk = 1024;

    private readonly Database _database;
    private readonly Snapshot _snapshot;
    private readonly StoreLease _lease;
    private int _disposed;

    private StoreSnapshot(Database database, Snapshot snapshot, StoreLease lease)
        : base(database, new ReadOptions().SetSnapshot(snapshot).SetFillCache(false))
    {
        _database = database;
        _snapshot = snapshot;
        _lease = lease;
    }

    /// <summary>All certificates, ordered by identity.</summary>
    public IEnumerable<StoredCertificate> ReadAll()
    {
        using Iterator iterator = NewIterator(Family.Certificates);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            yield return CertificateRecord.Decode(CertificateIdentity.Read(iterator.GetKeySpan()), iterator.Value());
    }

    /// <summary>Something about each certificate, ordered by identity, worked out on all cores.</summary>
    /// <param name="work">For concurrent use.</param>
    /// <param name="cancellationToken">Ends early.</param>
    public IEnumerable<TResult> ReadAll<TResult>(Func<StoredCertificate, TResult> work, CancellationToken cancellationToken)
    {
        using Iterator iterator = NewIterator(Family.Certificates);
        iterator.SeekToFirst();
        foreach (TResult result in RecordScan.InParallel(
            iterator, (key, record) => work(CertificateRecord.Decode(CertificateIdentity.Read(key), record)), cancellationToken))
        {
            yield return result;
        }
    }

    /// <summary>The identities of all certificates in order, also of those whose record is damaged.</summary>
    public IEnumerable<CertificateIdentity> ReadIdentities()
    {
        using Iterator iterator = NewIterator(Family.Certificates);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            yield return CertificateIdentity.Read(iterator.GetKeySpan());
    }

    /// <summary>Where the change log stood.</summary>
    /// <exception cref="StorageException">The counters are damaged.</exception>
    public StorePosition ReadPosition()
    {
        StoreState state = StoreState.Decode(ReadRow(Family.Meta, StoreState.StateKey))
            ?? throw new StorageException(StorageErrorKind.Corrupt, "The store has lost its counters.");
        bool isComplete = !HasRow(Family.Meta, StoreState.BulkKey.ToArray());
        return new StorePosition(new ChangeCursor(state.Incarnation, state.Sequence), state.ServedPolicy, isComplete);
    }

    /// <summary>All digests of clean views of a policy, ascending, in chunks.</summary>
    /// <param name="policyVersion">The policy.</param>
    /// <returns>Chunks of 32 bytes per digest; each is overwritten by the next.</returns>
    public IEnumerable<ReadOnlyMemory<byte>> ReadContentDigests(int policyVersion)
    {
        byte[] prefix = KeyCodec.PolicyPrefix(policyVersion);
        var chunk = new byte[DigestsPerChunk * ContentDigest.Length];
        int length = 0;
        using Iterator iterator = NewIterator(Family.ContentDigests);
        for (iterator.Seek(prefix); StartsWith(iterator, prefix); iterator.Next())
        {
            iterator.GetKeySpan()[prefix.Length..].CopyTo(chunk.AsSpan(length));
            length += ContentDigest.Length;
            if (length < chunk.Length)
                continue;
            yield return chunk;
            length = 0;
        }

        if (length > 0)
            yield return chunk.AsMemory(0, length);
    }

    /// <summary>
    /// The partition tree over the digests of all full views, or of a dialect's views, for as long as the snapshot is open and for concurrent use. Null while the store is being
    /// repaired, and until the dialect is complete: a tree that lacks most of the set must not be shown to anyone.
    /// </summary>
    /// <param name="dialect">Whose tree; null for SKS.</param>
    /// <remarks>Reading it throws <see cref="StorageException"/> when a node is damaged.</remarks>
    public IPartitionTree? OpenTree(Dialect? dialect = null)
    {
        byte profile = dialect?.Profile ?? KeyCodec.SksProfile;
        bool isWhole = !HasRow(Family.Meta, StoreState.BulkKey.ToArray())
            && (dialect is null || DialectCoverage.Decode(ReadRow(Family.Meta, DialectCoverage.RowKey)).Known.Contains(dialect));
        if (!isWhole || TreeSummary.Decode(ReadRow(Family.Meta, TreeSummary.RowKey(profile))) is not { } summary)
            return null;

        // Unlike what else is read through snapshots, the nodes that one session reads are those that the next one will.
        ReadOptions options = new ReadOptions().SetSnapshot(_snapshot);
        return new PartitionTree(new StoredNodes(_database, options, summary.Shape, profile), summary.Shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _snapshot.Dispose();
        _lease.Dispose();
    }

    /// <summary>How many rows a family has.</summary>
    internal long CountRows(Family family, CancellationToken cancellationToken)
    {
        long rows = 0;
        using Iterator iterator = NewIterator(family);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            if (rows++ % RowsPerLook == 0)
                cancellationToken.ThrowIfCancellationRequested();
        }

        return rows;
    }

    internal static StoreSnapshot Take(Database database, StoreLease lease) => new(database, database.Rocks.CreateSnapshot(), lease);
}
