using System.Buffers.Binary;
using Sks.Reconciliation.Sketches;

namespace Sks.LoadHarness.Sketches;

/// <summary>Random digests in memory: many that stay, and some that only one side has.</summary>
/// <param name="common">32 bytes each, ascending.</param>
/// <param name="own">32 bytes each, in any order; few.</param>
internal sealed class DigestSet(byte[] common, byte[] own) : IDigestSet
{
    public const int Length = 32;
    private const int BucketShift = 64 - 12;

    public static byte[] CreateSorted(int count, int seed)
    {
        byte[][] digests = [.. Create(count, seed).Chunk(Length)];
        Array.Sort(digests, static (one, other) => one.AsSpan().SequenceCompareTo(other));
        return [.. digests.SelectMany(static digest => digest)];
    }

    public static byte[] Create(int count, int seed)
    {
        byte[] bytes = new byte[count * Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public byte[] ReadBucket(int bucket)
    {
        ulong first = (ulong)bucket << BucketShift;
        int end = bucket == 4095 ? common.Length / Length : FindFirst((ulong)(bucket + 1) << BucketShift);
        byte[][] digests =
        [
            .. common[(FindFirst(first) * Length)..(end * Length)].Chunk(Length),
            .. own.Chunk(Length).Where(digest => PrefixOf(digest) >> BucketShift == (ulong)bucket),
        ];
        Array.Sort(digests, static (one, other) => one.AsSpan().SequenceCompareTo(other));
        return [.. digests.SelectMany(static digest => digest)];
    }

    public byte[] Find(ulong prefix)
    {
        for (int i = 0; i < own.Length; i += Length)
        {
            if (PrefixOf(own.AsSpan(i)) == prefix)
                return own[i..(i + Length)];
        }

        int at = FindFirst(prefix) * Length;
        return at < common.Length && PrefixOf(common.AsSpan(at)) == prefix ? common[at..(at + Length)] : [];
    }

    private static ulong PrefixOf(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadUInt64BigEndian(digest);

    private int FindFirst(ulong prefix)
    {
        int low = 0;
        int high = common.Length / Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (PrefixOf(common.AsSpan(middle * Length)) < prefix)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
