using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Storage;

namespace Sks.Grpc;

/// <summary>Turns what a service throws into a status. What is not foreseen is logged here and told as INTERNAL, without details.</summary>
internal sealed class ErrorInterceptor(IHostApplicationLifetime lifetime, ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        switch (exception)
        {
            case CursorOutOfRangeException cursor:
                return ServiceError.CursorOutOfRange(cursor);
            case StorageException { Kind: StorageErrorKind.NotWritable }:
                return ServiceError.StoreNotWritable();
            case StorageException { Kind: StorageErrorKind.Closed }:
            case OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested:
                return ServiceError.ShuttingDown();
        }

        // The client cancelled or is gone, or its deadline has passed: nobody reads this status.
        if (context.CancellationToken.IsCancellationRequested
            || exception is ConnectionAbortedException or ConnectionResetException
            || (exception is IOException && exception.InnerException is ConnectionAbortedException))
        {
            return new RpcException(Status.DefaultCancelled);
        }

        GrpcLog.CallFailed(logger, context.Method, exception);

        // While stopping, streams and services end in many ways; to the client they all mean: try elsewhere, or later.
        return lifetime.ApplicationStopping.IsCancellationRequested
            ? ServiceError.ShuttingDown()
            : ServiceError.Create(ErrorReason.Internal);
    }
}
