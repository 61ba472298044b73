using System.Buffers.Binary;
using System.Diagnostics;
using Sks.Reconciliation.Sketches;

namespace Sks.LoadHarness.Sketches;

/// <summary>Random digests in memory: many that stay, and some that only one side has.</summary>
/// <param name="common">32 bytes each, ascending.</param>
/// <param name="own">32 bytes each, ascending; few.</param>
internal sealed class DigestSet(byte[] common, byte[] own) : IDigestSet
{
    public const int Length = 32;
    private const int BucketShift = 64 - 12;

    /// <summary>Spent looking up, with the time it takes to read the clock.</summary>
    public TimeSpan FindTime { get; private set; }

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
        int end = bucket == 4095 ? common.Length / Length : FindFirst(common, (ulong)(bucket + 1) << BucketShift);
        byte[][] digests =
        [
            .. common[(FindFirst(common, first) * Length)..(end * Length)].Chunk(Length),
            .. own.Chunk(Length).Where(digest => PrefixOf(digest) >> BucketShift == (ulong)bucket),
        ];
        Array.Sort(digests, static (one, other) => one.AsSpan().SequenceCompareTo(other));
        return [.. digests.SelectMany(static digest => digest)];
    }

    public byte[] Find(ulong prefix)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] found = FindIn(own, prefix) ?? FindIn(common, prefix) ?? [];
        FindTime += Stopwatch.GetElapsedTime(start);
        return found;
    }

    private static byte[]? FindIn(byte[] digests, ulong prefix)
    {
        int at = FindFirst(digests, prefix) * Length;
        return at < digests.Length && PrefixOf(digests.AsSpan(at)) == prefix ? digests[at..(at + Length)] : null;
    }

    private static ulong PrefixOf(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadUInt64BigEndian(digest);

    private static int FindFirst(byte[] digests, ulong prefix)
    {
        int low = 0;
        int high = digests.Length / Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (PrefixOf(digests.AsSpan(middle * Length)) < prefix)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
