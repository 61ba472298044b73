using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>How a session with a peer has ended.</summary>
/// <param name="WasEstablished">Whether both hellos were exchanged and agreed.</param>
/// <param name="Code">Why it ended; unspecified when the stream just ended or broke.</param>
/// <param name="Detail">In words; null when there is nothing to say.</param>
/// <param name="RetryAfter">When to come back; zero for whenever.</param>
internal sealed record PeerSessionEnd(bool WasEstablished, ErrorCode Code, string? Detail, TimeSpan RetryAfter)
{
    /// <summary>Whether to wait longer each time before the next attempt: nothing came of this one, or the two do not get on.</summary>
    /// <remarks>Who is told to come back for a new key, over and over, waits as well.</remarks>
    public bool IsFailure => !WasEstablished || Code is not (ErrorCode.Unspecified or ErrorCode.Stopping);
}

/// <summary>The sessions with all peers: at most one with each.</summary>
internal sealed class PeerSessions : IPeerSessions
{
    /// <summary>Starts without any.</summary>
    public PeerSessions(PeerContext context) => throw new NotImplementedException();

    /// <summary>Whether there is a session with a peer whose hellos were exchanged.</summary>
    public bool IsConnected(NodeId peer) => throw new NotImplementedException();

    /// <summary>Ends when there is no such session with a peer; at once when there is none.</summary>
    public Task WaitUntilGoneAsync(NodeId peer, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs a session until it ends.</summary>
    /// <param name="peer">Who is at the other end: proven by TLS and listed in the book.</param>
    /// <param name="role">The initiator is the client of the streams.</param>
    /// <param name="sync">The Sync stream.</param>
    /// <param name="openFetch">The client's way to open the Fetch stream; null for the server, where <see cref="AttachAsync"/> brings it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<PeerSessionEnd> RunAsync(
        NodeId peer,
        PeerRole role,
        IMessageStream<SyncMessage> sync,
        Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch,
        CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Gives a session its Fetch stream, of which <see cref="FetchStart"/> was read; ends when the session does.</summary>
    /// <returns>Whether there was such a session without one.</returns>
    public Task<bool> AttachAsync(NodeId peer, ReadOnlyMemory<byte> session, IMessageStream<FetchMessage> fetch, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
