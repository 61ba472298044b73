using System.Security.Cryptography;
using Sks.Node.Restrictions;

namespace Sks.Node.Links;

/// <summary>Names the restrictions of one origin that a server has.</summary>
/// <param name="Origin">Who issued them.</param>
/// <param name="Digest">SHA-256 over the SHA-256 of each record by ascending sequence; empty when there are none.</param>
/// <param name="Sequence">The highest sequence; 0 when there are none.</param>
public sealed record RestrictionDigest(NodeId Origin, ReadOnlyMemory<byte> Digest, ulong Sequence)
{
    /// <summary>Names records.</summary>
    /// <param name="origin">Who issued them.</param>
    /// <param name="records">By ascending sequence.</param>
    internal static RestrictionDigest Of(NodeId origin, IReadOnlyList<RestrictionRecord> records)
    {
        if (records.Count == 0)
            return new RestrictionDigest(origin, ReadOnlyMemory<byte>.Empty, 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (RestrictionRecord record in records)
            hash.AppendData(SHA256.HashData(record.Bytes.Span));
        return new RestrictionDigest(origin, hash.GetHashAndReset(), records[^1].Sequence);
    }
}
