using Sks.Reconciliation.Sketches;

namespace Sks.Grpc.Peers;

/// <summary>The set of an exchange; what is read of it is on the peer's budget.</summary>
/// <param name="set">The set.</param>
/// <param name="size">How many elements it has.</param>
/// <param name="budget">The peer's.</param>
internal sealed class MeteredDigestSet(IDigestSet set, long size, PeerBudget budget) : IDigestSet
{
    private const int DigestLength = 32;

    // To find a bucket costs about as much as to read so many elements.
    private const int ElementsToFind = 16;

    /// <inheritdoc/>
    /// <exception cref="PeerRefusedException">The peer has too much read.</exception>
    public byte[] ReadBucket(int bucket)
    {
        byte[] digests = set.ReadBucket(bucket);
        budget.SpendScan(ElementsToFind + (digests.Length / DigestLength), size);
        return digests;
    }

    /// <inheritdoc/>
    public byte[] Find(ulong prefix) => set.Find(prefix);
}
