using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Sks.Node;
using Sks.Node.Links;

namespace Sks.Grpc.Peers;

/// <summary>Lets nobody but peers call what is for peers. Who calls is proven by TLS.</summary>
/// <param name="book">Who the peers are: asked on every call, so that a change of it counts at once.</param>
/// <param name="refused">Told of the others.</param>
internal sealed class PeerGate(PeerBook book, RefusedPeers refused) : Interceptor
{
    private const string JoinMethod = "/sks.peer.v1.PeerService/Join";
    private static readonly object CallerKey = new();

    /// <summary>Who calls, behind this gate.</summary>
    public static NodeId ReadCaller(ServerCallContext context) => (NodeId)context.UserState[CallerKey];

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Admit(ServerCallContext context)
    {
        HttpContext http = context.GetHttpContext();
        if (PeerTls.ReadId(http.Connection.ClientCertificate) is not { } caller)
        {
            refused.Note(null);
            throw ServiceError.Create(ErrorReason.ClientCertificateRequired);
        }

        context.UserState[CallerKey] = caller;
        if (book.Find(caller) is not null)
        {
            http.Features.Get<ByteCount>()?.Attribute(caller);
            return;
        }

        if (context.Method == JoinMethod)
            return;
        refused.Note(caller);
        throw ServiceError.Create(ErrorReason.PeerNotListed);
    }
}
