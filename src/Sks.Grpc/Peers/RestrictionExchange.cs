using System.Threading.Channels;
using Google.Protobuf;
using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;
using Sks.Storage;
using RestrictionDigest = Sks.Node.Links.RestrictionDigest;
using WireDigest = Sks.Peer.V1.RestrictionDigest;

namespace Sks.Grpc.Peers;

/// <summary>Passes restrictions on in a session, both ways: what the peer lacks of the origins that it honours.</summary>
/// <param name="relay">The records.</param>
/// <param name="peer">The other node.</param>
/// <param name="outbox">Where to send.</param>
internal sealed class RestrictionExchange(RestrictionRelay relay, NodeId peer, SyncOutbox outbox)
{
    private const int MaxRecords = 1000;
    private const int MaxOrigins = 10_000;
    private const int MaxWaiting = 64;

    private readonly Channel<Restrictions> _arrived = Channel.CreateBounded<Restrictions>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>What this node says of its restrictions in its hello.</summary>
    public static IEnumerable<WireDigest> Describe(RestrictionRelay relay) => relay.ReadDigests().Select(static digest => new WireDigest
    {
        Origin = UnsafeByteOperations.UnsafeWrap(digest.Origin.ToArray()),
        Digest = UnsafeByteOperations.UnsafeWrap(digest.Digest),
        Sequence = digest.Sequence,
    });

    /// <summary>Takes in what arrived. Does not wait.</summary>
    /// <exception cref="PeerProtocolException">There is too much of it in one message.</exception>
    /// <exception cref="PeerRefusedException">Too much waits to be stored: the next session's hellos show what is missing.</exception>
    public void Receive(Restrictions message)
    {
        if (message.Records.Count > MaxRecords)
            throw new PeerProtocolException("too many restrictions in one message");
        if (!_arrived.Writer.TryWrite(message))
            throw new PeerRefusedException(ErrorCode.Busy, "too many restrictions at once");
    }

    /// <summary>Stores what arrives until it is cancelled.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await foreach (Restrictions message in _arrived.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await relay.TakeAsync(peer, [.. message.Records.Select(static record => record.Memory)], cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
            {
                // The next session's hellos show that they are missing.
            }
        }
    }

    /// <summary>Sends what the peer lacks, now and whenever something is new, until it is cancelled.</summary>
    /// <param name="theirs">What its hello says.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PeerProtocolException">The hello is malformed.</exception>
    public async Task GiveAsync(IReadOnlyList<WireDigest> theirs, CancellationToken cancellationToken)
    {
        if (theirs.Count > MaxOrigins)
            throw new PeerProtocolException("too many origins of restrictions");
        Dictionary<NodeId, RestrictionDigest> known = theirs.Select(Read).DistinctBy(static digest => digest.Origin).ToDictionary(static digest => digest.Origin);
        long version = -1;
        while (true)
        {
            version = await relay.WaitForChangeAsync(version, cancellationToken).ConfigureAwait(false);

            // Before what is missing is looked for: what comes in between is sent once more, and not never.
            IReadOnlyList<RestrictionDigest> sent = relay.ReadDigests();
            foreach (ReadOnlyMemory<byte>[] part in relay.FindMissing([.. known.Values]).Chunk(MaxRecords))
            {
                await outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
                outbox.Post(new SyncMessage { Restrictions = new Restrictions { Records = { part.Select(static record => UnsafeByteOperations.UnsafeWrap(record)) } } });
            }

            foreach (RestrictionDigest own in sent)
            {
                if (known.ContainsKey(own.Origin))
                    known[own.Origin] = own;
            }
        }
    }

    private static RestrictionDigest Read(WireDigest digest) => digest.Origin.Length == NodeId.Length
        ? new RestrictionDigest(NodeId.Read(digest.Origin.Span), digest.Digest.Memory, digest.Sequence)
        : throw new PeerProtocolException("malformed origin of restrictions");
}
