using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What connections need to know of the sessions that run over them.</summary>
internal interface IPeerSessions
{
    /// <inheritdoc cref="PeerSessions.IsConnected"/>
    bool IsConnected(NodeId peer);

    /// <inheritdoc cref="PeerSessions.WaitUntilGoneAsync"/>
    Task WaitUntilGoneAsync(NodeId peer, CancellationToken cancellationToken);

    /// <inheritdoc cref="PeerSessions.RunAsync"/>
    Task<PeerSessionEnd> RunAsync(
        NodeId peer,
        PeerRole role,
        IMessageStream<SyncMessage> sync,
        Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch,
        CancellationToken cancellationToken);

    /// <inheritdoc cref="PeerSessions.AttachAsync"/>
    Task<bool> AttachAsync(NodeId peer, ReadOnlyMemory<byte> session, IMessageStream<FetchMessage> fetch, CancellationToken cancellationToken);
}
