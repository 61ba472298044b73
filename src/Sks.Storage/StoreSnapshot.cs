using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>The store as it was at one moment. Keeps old versions on disk while it is open: dispose soon.</summary>
public sealed class StoreSnapshot : StoreReader, IDisposable
{
    private readonly Snapshot _snapshot;
    private readonly StoreLease _lease;
    private int _disposed;

    private StoreSnapshot(Database database, Snapshot snapshot, StoreLease lease)
        : base(database, new ReadOptions().SetSnapshot(snapshot).SetFillCache(false))
    {
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

    /// <summary>The identities of all certificates in order, also of those whose record is damaged.</summary>
    public IEnumerable<CertificateIdentity> ReadIdentities()
    {
        using Iterator iterator = NewIterator(Family.Certificates);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            yield return CertificateIdentity.Read(iterator.GetKeySpan());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _snapshot.Dispose();
        _lease.Dispose();
    }

    internal static StoreSnapshot Take(Database database, StoreLease lease) => new(database, database.Rocks.CreateSnapshot(), lease);
}
