using System.Buffers.Binary;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>Digests scattered as hashes are, and a set of them.</summary>
internal sealed class SomeDigests : IDigestSet
{
    private readonly SortedDictionary<UInt128, byte[]> _digests = [];
    private readonly Dictionary<int, List<byte[]>> _buckets = [];

    public SomeDigests(IEnumerable<byte[]> digests)
    {
        foreach (byte[] digest in digests)
            Add(digest);
    }

    public IEnumerable<ulong> Prefixes => _digests.Values.Select(static digest => BinaryPrimitives.ReadUInt64BigEndian(digest));

    public static SketchKey Key { get; } = KeyOf(1);

    public static SketchKey KeyOf(byte number) => SketchKey.Of([.. Enumerable.Repeat(number, SketchKey.SecretLength)]);

    public static List<byte[]> Create(Random random, int count)
    {
        var digests = new List<byte[]>(count);
        for (int i = 0; i < count; i++)
        {
            var digest = new byte[32];
            random.NextBytes(digest);
            digests.Add(digest);
        }

        return digests;
    }

    public void Add(byte[] digest)
    {
        if (!_digests.TryAdd(BinaryPrimitives.ReadUInt128BigEndian(digest), digest))
            return;
        int bucket = BucketOf(digest);
        if (!_buckets.TryGetValue(bucket, out List<byte[]>? members))
            _buckets.Add(bucket, members = []);
        members.Add(digest);
    }

    public void Remove(byte[] digest)
    {
        if (_digests.Remove(BinaryPrimitives.ReadUInt128BigEndian(digest)))
            _buckets[BucketOf(digest)].Remove(digest);
    }

    public SketchImage Freeze(SketchKey key, int log2Cells = CodedSketch.DefaultLog2Cells)
    {
        var sketch = new CodedSketch(key, log2Cells);
        foreach (byte[] digest in _digests.Values)
            sketch.Add(digest);
        return sketch.Freeze();
    }

    public byte[] ReadBucket(int bucket) => _buckets.TryGetValue(bucket, out List<byte[]>? members)
        ? [.. members.OrderBy(static digest => BinaryPrimitives.ReadUInt128BigEndian(digest)).SelectMany(static digest => digest)]
        : [];

    public byte[] Find(ulong prefix) => _buckets.TryGetValue((int)(prefix >> 52), out List<byte[]>? members)
        ? [.. members.Where(digest => BinaryPrimitives.ReadUInt64BigEndian(digest) == prefix).SelectMany(static digest => digest)]
        : [];

    private static int BucketOf(byte[] digest) => (digest[0] << 4) | (digest[1] >> 4);
}
