using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>A sketch as it was at one moment. Never changes, so that cells sent later fit those sent before.</summary>
public sealed class SketchImage
{
    private readonly Vector128<byte>[] _cells;
    private readonly Vector128<byte>[] _buckets;
    private readonly uint[] _sizes;

    internal SketchImage(SketchKey key, Vector128<byte>[] cells, Vector128<byte>[] buckets, uint[] sizes, long count, UInt128 fingerprint)
    {
        Key = key;
        _cells = cells;
        _buckets = buckets;
        _sizes = sizes;
        Count = count;
        Fingerprint = fingerprint;
    }

    /// <summary>How many elements there are.</summary>
    public long Count { get; }

    /// <summary>See <see cref="CodedSketch.Fingerprint"/>.</summary>
    public UInt128 Fingerprint { get; }

    internal SketchKey Key { get; }

    /// <summary>A power of two of them.</summary>
    internal ReadOnlySpan<Vector128<byte>> Cells => _cells;

    /// <summary>Elements of each bucket.</summary>
    internal IReadOnlyList<uint> BucketSizes => _sizes;

    /// <summary>Fingerprint of one bucket.</summary>
    internal Vector128<byte> BucketFingerprint(int bucket) => _buckets[bucket];

    /// <summary>Fingerprints of all buckets, 16 bytes each.</summary>
    internal ReadOnlyMemory<byte> ReadBucketFingerprints() => MemoryMarshal.AsBytes<Vector128<byte>>(_buckets).ToArray();

    /// <summary>16 bytes as a number, big-endian.</summary>
    internal static UInt128 ToNumber(Vector128<byte> fingerprint)
    {
        Span<byte> bytes = stackalloc byte[Symbol.Length];
        fingerprint.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
