using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>Cells of one bucket.</summary>
internal static class BucketCells
{
    /// <summary>The first cells of a sketch of some elements.</summary>
    /// <param name="key">See <see cref="SketchKey.ForBucket"/>.</param>
    /// <param name="digests">32 bytes each.</param>
    /// <param name="count">How many cells.</param>
    public static Vector128<byte>[] Build(SketchKey key, ReadOnlySpan<byte> digests, int count)
    {
        var cells = new Vector128<byte>[count];
        for (; digests.Length >= Symbol.DigestLength; digests = digests[Symbol.DigestLength..])
            Symbol.Of(key, digests[..Symbol.DigestLength]).Toggle(cells);
        return cells;
    }

    /// <summary>First 8 bytes of each element, big-endian; each once.</summary>
    /// <param name="digests">32 bytes each, ascending.</param>
    public static ulong[] ReadPrefixes(ReadOnlySpan<byte> digests)
    {
        var prefixes = new ulong[digests.Length / Symbol.DigestLength];
        int count = 0;
        for (; digests.Length >= Symbol.DigestLength; digests = digests[Symbol.DigestLength..])
        {
            ulong prefix = BinaryPrimitives.ReadUInt64BigEndian(digests);
            if (count == 0 || prefix > prefixes[count - 1])
                prefixes[count++] = prefix;
        }

        return prefixes[..count];
    }
}
