using System.Buffers;
using Sks.OpenPgp;
using Sks.Reconciliation.Sketches;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>What a peer gets to see of this node now: the clean views of a policy, and the phantoms of the link.</summary>
/// <param name="store">Is read as it is at each call.</param>
/// <param name="phantoms">Those of the link.</param>
/// <param name="policyVersion">The policy.</param>
internal sealed class LinkDigestSet(CertificateStore store, PhantomSet phantoms, int policyVersion) : IDigestSet
{
    /// <inheritdoc/>
    /// <exception cref="StorageException">The store is closing.</exception>
    public byte[] ReadBucket(int bucket)
    {
        using StoreLease lease = store.TakeLease();
        return Merge(lease.Reader.ReadContentBucket(policyVersion, bucket), phantoms.ReadBucket(bucket));
    }

    /// <inheritdoc/>
    /// <exception cref="StorageException">The store is closing.</exception>
    public byte[] Find(ulong prefix)
    {
        using StoreLease lease = store.TakeLease();
        byte[] held = [.. lease.Reader.FindContent(prefix, policyVersion).SelectMany(static found => found.Digest.Span.ToArray())];
        return Merge(held, phantoms.Find(prefix));
    }

    // A phantom that this node has come to hold just now is in both.
    private static byte[] Merge(byte[] held, byte[] phantoms)
    {
        if (phantoms.Length == 0)
            return held;
        var merged = new ArrayBufferWriter<byte>(held.Length + phantoms.Length);
        ReadOnlySpan<byte> left = held;
        ReadOnlySpan<byte> right = phantoms;
        while (!left.IsEmpty || !right.IsEmpty)
        {
            int order = left.IsEmpty ? 1 : right.IsEmpty ? -1 : left[..ContentDigest.Length].SequenceCompareTo(right[..ContentDigest.Length]);
            merged.Write(order <= 0 ? left[..ContentDigest.Length] : right[..ContentDigest.Length]);
            if (order <= 0)
                left = left[ContentDigest.Length..];
            if (order >= 0)
                right = right[ContentDigest.Length..];
        }

        return merged.WrittenSpan.ToArray();
    }
}
