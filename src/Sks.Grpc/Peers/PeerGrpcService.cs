using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary><c>sks.peer.v1.PeerService</c>, behind <see cref="PeerGate"/>.</summary>
internal sealed class PeerGrpcService(PeerCalls calls, IHostApplicationLifetime lifetime) : PeerService.PeerServiceBase
{
    // Joining is rare, writes to the disk, and is open to strangers.
    private const int MaxJoinCalls = 4;

    private readonly CallLimiter _joinCalls = new(MaxJoinCalls);

    public override async Task<JoinResponse> Join(JoinRequest request, ServerCallContext context)
    {
        using IDisposable place = _joinCalls.Enter();
        if (request.Secret.Length != Invitations.SecretLength)
            throw ServiceError.InvalidField("secret", $"must have {Invitations.SecretLength} bytes");
        if (request.Addresses.Count > PeerAddress.MaxCount || !request.Addresses.All(static text => PeerAddress.TryParse(text, out _)))
            throw ServiceError.InvalidField("addresses", $"must be at most {PeerAddress.MaxCount}, HOST:PORT each");

        NodeId guest = PeerGate.ReadCaller(context);
        return await calls.JoinAsync(guest, request.Secret.Memory, [.. request.Addresses], context.CancellationToken).ConfigureAwait(false)
            ? new JoinResponse()
            : throw ServiceError.Create(ErrorReason.InvitationNotValid);
    }

    public override async Task Sync(IAsyncStreamReader<SyncRequest> requestStream, IServerStreamWriter<SyncResponse> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);

        // Says at once that the call is accepted.
        await context.WriteResponseHeadersAsync([]).ConfigureAwait(false);
        IMessageStream<SyncMessage> stream = MessageStreams.OfServer(requestStream, responseStream, context.CancellationToken);
        await calls.SyncAsync(PeerGate.ReadCaller(context), stream, end.Token).ConfigureAwait(false);
    }

    public override async Task Fetch(IAsyncStreamReader<FetchRequest> requestStream, IServerStreamWriter<FetchResponse> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await context.WriteResponseHeadersAsync([]).ConfigureAwait(false);
        IMessageStream<FetchMessage> stream = MessageStreams.OfServer(requestStream, responseStream, context.CancellationToken);
        if (!await calls.FetchAsync(PeerGate.ReadCaller(context), stream, end.Token).ConfigureAwait(false))
            throw ServiceError.InvalidField("message.start.session", "must be that of a session of yours that has no Fetch stream");
    }
}
