using System.Buffers;
using System.Buffers.Binary;
using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <content>The digests of clean views, which lie in order.</content>
public partial class StoreReader
{
    /// <summary>How many buckets the digests of a policy are in, by their first 12 bits.</summary>
    public const int ContentBuckets = 1 << 12;

    private const int BucketPrefixLength = sizeof(int) + sizeof(ushort);

    /// <summary>Whether a clean view has this digest.</summary>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="digest">What to look for.</param>
    public bool Contains(int policyVersion, ContentDigest digest) => HasRow(Family.ContentDigests, KeyCodec.Digest(policyVersion, digest));

    /// <summary>Those prefixes that no digest of a clean view starts with, in their order.</summary>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <param name="prefixes">First 8 bytes of digests, big-endian.</param>
    public IReadOnlyList<ulong> FindMissingContent(int policyVersion, IReadOnlyList<ulong> prefixes)
    {
        List<ulong> missing = [];
        using Iterator iterator = NewIterator(Family.ContentDigests);
        foreach (ulong prefix in prefixes)
        {
            byte[] start = KeyCodec.DigestPrefix(policyVersion, prefix);
            if (!StartsWith(iterator.Seek(start), start))
                missing.Add(prefix);
        }

        return missing;
    }

    /// <summary>All digests of clean views in one bucket.</summary>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <param name="bucket">Their first 12 bits: 0 to 4095.</param>
    /// <returns>32 bytes each, ascending.</returns>
    public byte[] ReadContentBucket(int policyVersion, int bucket)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)bucket, (uint)ContentBuckets);
        Span<byte> start = stackalloc byte[BucketPrefixLength];
        BinaryPrimitives.WriteInt32BigEndian(start, policyVersion);
        BinaryPrimitives.WriteUInt16BigEndian(start[sizeof(int)..], (ushort)(bucket << 4));
        var digests = new ArrayBufferWriter<byte>();
        using Iterator iterator = NewIterator(Family.ContentDigests);
        for (iterator.Seek(start.ToArray()); StartsWith(iterator, start[..sizeof(int)]); iterator.Next())
        {
            ReadOnlySpan<byte> key = iterator.GetKeySpan();
            if (BinaryPrimitives.ReadUInt16BigEndian(key[sizeof(int)..]) >> 4 != bucket)
                break;
            digests.Write(key[sizeof(int)..]);
        }

        return digests.WrittenSpan.ToArray();
    }
}
