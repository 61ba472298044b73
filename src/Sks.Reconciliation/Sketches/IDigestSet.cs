namespace Sks.Reconciliation.Sketches;

/// <summary>The set behind a sketch: 32-byte digests in order. For one exchange at a time.</summary>
public interface IDigestSet
{
    /// <summary>The digests of one bucket.</summary>
    /// <param name="bucket">Their first 12 bits: 0 to 4095.</param>
    /// <returns>32 bytes each, ascending.</returns>
    byte[] ReadBucket(int bucket);

    /// <summary>The digests that start with a prefix: hardly ever more than one.</summary>
    /// <param name="prefix">Their first 8 bytes, big-endian.</param>
    /// <returns>32 bytes each.</returns>
    byte[] Find(ulong prefix);
}
