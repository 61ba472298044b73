using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>What a bulk load has done so far.</summary>
/// <param name="Added">Certificates that were new.</param>
/// <param name="Updated">Certificates that brought something new.</param>
/// <param name="Unchanged">Certificates that brought nothing.</param>
public sealed record BulkCounts(long Added, long Updated, long Unchanged);

/// <summary>Loads many certificates into a store that no node has open, by sorted tables instead of the write path.</summary>
/// <remarks>
/// <para>Ends with the same rows as the write path in every family but <see cref="Family.Changes"/> and <see cref="Family.Meta"/>: no change
/// records are written, and the change log starts over with a new incarnation.</para>
/// <para>Without a store the load is built aside and put in place by <see cref="Finish"/>: before, there is nothing. Into an existing
/// store the certificates of each chunk go in before what is derived from them, under a mark that makes the next start
/// rebuild the derived families when the load was cut off.</para>
/// </remarks>
public sealed class BulkLoader : IDisposable
{
    private const string BuildFolder = "db.building";
    private const string TableFolder = "db.tables";

    private readonly string _folder;
    private readonly bool _buildsAside;
    private readonly Database _database;
    private readonly StoreReader _reader;
    private readonly StoreState _before;
    private readonly StoreState _after;
    private long _added;
    private long _updated;
    private long _unchanged;
    private int _tables;

    private BulkLoader(string folder, bool buildsAside, Database database, StoreState state)
    {
        _folder = folder;
        _buildsAside = buildsAside;
        _database = database;
        _reader = new StoreReader(database, new ReadOptions());
        _before = state;
        _after = state.Renew(state.Certificates);
    }

    /// <summary>What has been done so far.</summary>
    public BulkCounts Counts => new(_added, _updated, _unchanged);

    /// <summary>Opens a folder for a load; a store in it must not be open anywhere.</summary>
    /// <exception cref="StorageException">The store is locked, of another format, or cannot be written.</exception>
    public static BulkLoader Open(string folder)
    {
        bool buildsAside = !CertificateStore.Exists(folder);
        DeleteFolder(Path.Combine(folder, TableFolder));
        Directory.CreateDirectory(Path.Combine(folder, TableFolder));
        if (buildsAside)
            DeleteFolder(Path.Combine(folder, BuildFolder));

        Database database = buildsAside ? Database.Open(Path.Combine(folder, BuildFolder)) : CertificateStore.OpenDatabase(folder);
        try
        {
            var loader = new BulkLoader(folder, buildsAside, database, CertificateStore.OpenState(database, folder));
            loader.Begin();
            return loader;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Loads some certificates, in any order, versions of one certificate included. Not for concurrent use.</summary>
    public void Load(IReadOnlyCollection<Certificate> certificates)
    {
        Dictionary<CertificateIdentity, Certificate> merged = [];
        foreach (Certificate certificate in certificates)
        {
            if (!merged.TryAdd(certificate.Identity, certificate))
                Merge(merged, certificate);
        }

        bool mayExist = _before.Certificates + _added > 0;
        PreparedChange[] changes = [.. merged.Values.AsParallel().Select(certificate => Prepare(certificate, mayExist)).OfType<PreparedChange>()];
        _unchanged += merged.Count - changes.Length;
        int added = changes.Count(static change => change.OldDigest is null);
        _added += added;
        _updated += changes.Length - added;
        if (changes.Length > 0)
            Ingest(changes);
    }

    /// <summary>Makes the load final: from now on it is the store.</summary>
    public void Finish()
    {
        StoreState state = _after with { Certificates = _before.Certificates + _added };
        using (var batch = new WriteBatch())
        {
            DerivedFamilies.ClearChanges(batch, _database, state);
            state.Write(batch, _database);
            StoreState.MarkBulk(batch, _database, unfinished: false);
            _database.WriteSynced(batch);
        }

        _database.Dispose();
        if (_buildsAside)
        {
            Directory.Move(Path.Combine(_folder, BuildFolder), Path.Combine(_folder, CertificateStore.DatabaseFolder));
            FolderSync.Flush(_folder);
        }
    }

    /// <summary>Closes. Without <see cref="Finish"/> a load that was built aside is gone.</summary>
    public void Dispose()
    {
        _database.Dispose();
        DeleteFolder(Path.Combine(_folder, TableFolder));
        DeleteFolder(Path.Combine(_folder, BuildFolder));
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private void Begin()
    {
        using var batch = new WriteBatch();
        StoreState.MarkBulk(batch, _database, unfinished: true);
        _database.WriteSynced(batch);
    }

    private void Merge(Dictionary<CertificateIdentity, Certificate> merged, Certificate certificate)
    {
        Certificate union = CertificateMerger.Merge(merged[certificate.Identity], certificate);
        if (union.Digest == merged[certificate.Identity].Digest)
        {
            _unchanged++;
            return;
        }

        merged[certificate.Identity] = union;
        _updated++;
    }

    private PreparedChange? Prepare(Certificate certificate, bool mayExist)
    {
        StoredCertificate? stored = mayExist ? _reader.Find(certificate.Identity) : null;
        if (stored is null)
            return PreparedChange.Create(certificate, null, ChangeSource.Import);
        if (stored.SksDigest == certificate.Digest)
            return null;

        Certificate current = stored.ReadFullView();
        Certificate union = CertificateMerger.Merge(current, certificate);
        return union.Digest == stored.SksDigest ? null : PreparedChange.Create(union, (stored, current), ChangeSource.Import);
    }

    private void Ingest(PreparedChange[] changes)
    {
        var certificates = new List<TableRow>(changes.Length);
        Dictionary<Family, List<TableRow>> derived = FamilyNames.Derived.ToDictionary(static f => f, static _ => new List<TableRow>());
        foreach (PreparedChange change in changes)
        {
            CertificateRecord.WriteVersion(change.Record, _after.Sequence);
            certificates.Add(new TableRow(change.Identity.Span.ToArray(), change.Record));
            foreach (DerivedRow row in change.Deletes)
                derived[row.Family].Add(new TableRow(row.Key, null));
            foreach (DerivedRow row in change.Puts)
                derived[row.Family].Add(new TableRow(row.Key, row.Value));
        }

        // The certificates are in the store before anything that follows from them.
        IngestTable(Family.Certificates, WriteTable(Family.Certificates, certificates));
        foreach ((Family family, string table) in derived.AsParallel().Where(static f => f.Value.Count > 0)
            .Select(f => (f.Key, WriteTable(f.Key, f.Value))).ToList())
        {
            IngestTable(family, table);
        }
    }

    private string WriteTable(Family family, List<TableRow> rows)
    {
        rows.Sort(static (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        string path = Path.Combine(_folder, TableFolder, $"{Interlocked.Increment(ref _tables)}.sst");
        using var writer = new SstFileWriter(new EnvOptions(), Database.FamilyOptions(family));
        writer.Open(path);
        for (int i = 0; i < rows.Count; i++)
        {
            // Keys must ascend; equal ones (a digest collision) leave the last.
            if (i + 1 < rows.Count && rows[i].Key.AsSpan().SequenceEqual(rows[i + 1].Key))
                continue;
            if (rows[i].Value is { } value)
                writer.Put(rows[i].Key, value);
            else
                writer.Delete(rows[i].Key);
        }

        writer.Finish();
        return path;
    }

    private void IngestTable(Family family, string path) =>
        _database.Rocks.IngestExternalFiles([path], new IngestExternalFileOptions().SetMoveFiles(true), _database[family]);

    private readonly record struct TableRow(byte[] Key, byte[]? Value);
}
