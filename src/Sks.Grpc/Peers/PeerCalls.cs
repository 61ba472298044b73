using Grpc.Core;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What becomes of the calls of peers. There before the sessions are, which need to know where the listener listens.</summary>
/// <param name="node">The node.</param>
/// <param name="logger">Where to log.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerCalls(KeyserverNode node, ILogger logger, TimeProvider time)
{
    private readonly TaskCompletionSource<(IPeerSessions Sessions, PeerContacts Contacts)> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on there are sessions. Calls that came before have waited.</summary>
    public void SetReady(IPeerSessions sessions, PeerContacts contacts) => _ready.TrySetResult((sessions, contacts));

    /// <summary>Takes up an invitation on behalf of the guest who holds it.</summary>
    /// <returns>Whether the guest is a peer now.</returns>
    /// <exception cref="Storage.StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<bool> JoinAsync(NodeId guest, ReadOnlyMemory<byte> secret, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        // Who is a peer may come again: its node may have stopped before it had noted the answer. Nothing is granted, no secret is used up.
        if (node.Links.Book.Find(guest) is not null)
        {
            await node.Links.Book.AddAsync(guest, addresses, cancellationToken).ConfigureAwait(false);
            return true;
        }

        if (guest == node.Links.Self || !await node.Links.Invitations.AcceptAsync(secret, guest, addresses, cancellationToken).ConfigureAwait(false))
        {
            PeerLog.JoinRefused(logger, guest.ToString());
            return false;
        }

        PeerLog.Joined(logger, guest.ToString());
        return true;
    }

    /// <summary>Runs the session over a Sync stream that a peer has opened, until it ends or the peer is removed.</summary>
    public async Task SyncAsync(NodeId peer, IMessageStream<SyncMessage> stream, CancellationToken cancellationToken)
    {
        (IPeerSessions sessions, PeerContacts contacts) = await _ready.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource ended = Link(contacts, peer, cancellationToken);
        PeerNotes.Contacted(node.Peers, peer, PeerRole.Responder, time.GetUtcNow());
        PeerSessionEnd end = await sessions.RunAsync(peer, PeerRole.Responder, stream, openFetch: null, ended.Token).ConfigureAwait(false);
        PeerNotes.Ended(node.Peers, peer, end, time.GetUtcNow());
    }

    /// <summary>Gives a Fetch stream to the session that its first message names, until that session ends or the peer is removed.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="RpcException">The first message is another, the stream is lost, the peer was removed, or this node stops.</exception>
    public async Task<bool> FetchAsync(NodeId peer, IMessageStream<FetchMessage> stream, CancellationToken cancellationToken)
    {
        (IPeerSessions sessions, PeerContacts contacts) = await _ready.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource ended = Link(contacts, peer, cancellationToken);
        try
        {
            FetchMessage? first = await stream.ReadAsync(ended.Token).FirstOrDefaultAsync(ended.Token).ConfigureAwait(false);
            if (first?.KindCase != FetchMessage.KindOneofCase.Start)
                throw ServiceError.InvalidField("message", "must be a FetchStart first");
            return await sessions.AttachAsync(peer, first.Start.Session.Memory, stream, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NotServed(contacts);
        }
    }

    private static CancellationTokenSource Link(PeerContacts contacts, NodeId peer, CancellationToken cancellationToken)
    {
        CancellationToken removed = contacts.FindRemoval(peer) ?? throw NotServed(contacts);
        return CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, removed);
    }

    // A peer that comes while this node stops shall not believe that it is none any more.
    private static RpcException NotServed(PeerContacts contacts) =>
        contacts.IsStopping ? ServiceError.ShuttingDown() : ServiceError.Create(ErrorReason.PeerNotListed);
}
