using Sks.Node.Restrictions;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Passes the signed records of restrictions on between peers, unchanged. For any number of threads.</summary>
public sealed class RestrictionRelay
{
    private const string Reason = "relayed by a peer";

    private readonly RestrictionService _restrictions;

    internal RestrictionRelay(RestrictionService restrictions) => _restrictions = restrictions;

    /// <summary>What there is of this node, of the keys that it issued restrictions with before, and of the origins it honours: one for each of them.</summary>
    public IReadOnlyList<RestrictionDigest> ReadDigests()
    {
        ILookup<NodeId, RestrictionRecord> records = ReadRecords();
        return
        [
            .. ReadOwnOrigins().Concat(_restrictions.Honoured).Distinct().Select(origin => RestrictionDigest.Of(origin, [.. records[origin]])),
        ];
    }

    /// <summary>What a peer lacks, going by the digests in its hello: nothing of origins that it does not name.</summary>
    /// <returns>Encoded records, those of each origin by ascending sequence.</returns>
    /// <remarks>A peer whose records differ from ours up to its highest sequence gets all of the origin: what it knows does no harm.</remarks>
    public IReadOnlyList<ReadOnlyMemory<byte>> FindMissing(IReadOnlyList<RestrictionDigest> peer)
    {
        ILookup<NodeId, RestrictionRecord> records = ReadRecords();
        List<ReadOnlyMemory<byte>> missing = [];
        foreach (RestrictionDigest theirs in peer.DistinctBy(static digest => digest.Origin))
        {
            List<RestrictionRecord> ours = [.. records[theirs.Origin]];
            List<RestrictionRecord> common = [.. ours.TakeWhile(record => record.Sequence <= theirs.Sequence)];
            bool isKnown = RestrictionDigest.Of(theirs.Origin, common).Digest.Span.SequenceEqual(theirs.Digest.Span);
            missing.AddRange(ours.Skip(isKnown ? common.Count : 0).Select(static record => record.Bytes));
        }

        return missing;
    }

    /// <summary>Takes in what a peer sent. Records of origins that are not honoured here are refused and counted, not stored.</summary>
    /// <remarks>Nothing is purged, so that no peer decides when the store is rewritten: that is done within the hour.</remarks>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<RestrictionImport> TakeAsync(NodeId peer, IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken) =>
        _restrictions.AdmitAsync(records, peer.ToString(), Reason, cancellationToken);

    /// <summary>
    /// Ends when restrictions were written since <paramref name="version"/>, at once for 0; returns the version of now, to be passed next time.
    /// </summary>
    public Task<long> WaitForChangeAsync(long version, CancellationToken cancellationToken) =>
        _restrictions.WaitForChangeAsync(version, cancellationToken);

    private IEnumerable<NodeId> ReadOwnOrigins() => _restrictions.State.Entries
        .Where(static entry => entry.Note.IsOwn)
        .Select(static entry => entry.Record.Origin)
        .Prepend(_restrictions.Origin);

    private ILookup<NodeId, RestrictionRecord> ReadRecords() => _restrictions.State.Entries
        .Select(static entry => entry.Record)
        .OrderBy(static record => record.Sequence)
        .ToLookup(static record => record.Origin);
}
