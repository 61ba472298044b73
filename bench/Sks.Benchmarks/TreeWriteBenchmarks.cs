using BenchmarkDotNet.Attributes;
using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.Storage;

namespace Sks.Benchmarks;

/// <summary>Puts digests into the partition tree of a store with 100,000, so many in a batch, and takes them out again: what the tree costs the writer.</summary>
/// <remarks>Nothing but the tree is in the batch, and nothing is synced.</remarks>
[MemoryDiagnoser]
public class TreeWriteBenchmarks : IDisposable
{
    private const int Digests = 100_000;
    private const int FillGroup = 1_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("sks-benchmark-").FullName;
    private Database? _database;
    private DigestTree? _tree;
    private DerivedRow[] _rows = [];

    [Params(1, 64)]
    public int Group { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _database = Database.Open(Path.Combine(_folder, "db"));
        _tree = new DigestTree(_database, TreeShape.Default, KeyCodec.SksProfile);
        DerivedRow[] rows = [.. DigestElements.Create(Digests + Group).Select(static element => new DerivedRow(Family.SksDigests, KeyCodec.Digest(new SksDigest(element.Value)), []))];
        foreach (DerivedRow[] group in rows.Take(Digests).Chunk(FillGroup))
            Write(group, static (tree, row) => tree.Put(row));
        _rows = rows[Digests..];
    }

    [GlobalCleanup]
    public void Cleanup() => Dispose();

    [Benchmark]
    public void PutAndDelete()
    {
        Write(_rows, static (tree, row) => tree.Put(row));
        Write(_rows, static (tree, row) => tree.Delete(row));
    }

    public void Dispose()
    {
        _database?.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private void Write(DerivedRow[] rows, Action<DigestTree, DerivedRow> note)
    {
        foreach (DerivedRow row in rows)
            note(_tree!, row);
        using var batch = new WriteBatch();
        _tree!.Write(batch);
        _database!.Rocks.Write(batch);
        _tree.Keep();
    }
}
