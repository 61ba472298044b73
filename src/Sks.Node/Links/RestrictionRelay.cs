using Sks.Node.Restrictions;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Names the restrictions of one origin that a server has.</summary>
/// <param name="Origin">Who issued them.</param>
/// <param name="Digest">SHA-256 over the SHA-256 of each record by ascending sequence; empty when there are none.</param>
/// <param name="Sequence">The highest sequence; 0 when there are none.</param>
public sealed record RestrictionDigest(NodeId Origin, ReadOnlyMemory<byte> Digest, ulong Sequence);

/// <summary>Passes the signed records of restrictions on between peers, unchanged.</summary>
public sealed class RestrictionRelay
{
    internal RestrictionRelay(RestrictionService restrictions) => throw new NotImplementedException();

    /// <summary>What there is of this node and of the origins it honours, one for each of them.</summary>
    public IReadOnlyList<RestrictionDigest> ReadDigests() => throw new NotImplementedException();

    /// <summary>What a peer lacks, going by the digests in its hello: nothing of origins that it does not name.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> FindMissing(IReadOnlyList<RestrictionDigest> peer) => throw new NotImplementedException();

    /// <summary>Takes in what a peer sent.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<RestrictionImport> TakeAsync(NodeId peer, IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Ends when there are other restrictions than at <paramref name="version"/>; returns the version of now.</summary>
    public Task<long> WaitForChangeAsync(long version, CancellationToken cancellationToken) => throw new NotImplementedException();
}
