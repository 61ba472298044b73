using System.Runtime.CompilerServices;
using Grpc.Core;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Both directions of a call as messages without their envelopes.</summary>
/// <param name="reader">What arrives.</param>
/// <param name="writer">What is sent.</param>
/// <param name="unwrap">Takes a message out of its envelope; null when there is none in it.</param>
/// <param name="wrap">Puts a message into an envelope.</param>
/// <param name="callEnded">Ends with the call.</param>
internal sealed class MessageStream<TIn, TOut, T>(
    IAsyncStreamReader<TIn> reader,
    IAsyncStreamWriter<TOut> writer,
    Func<TIn, T?> unwrap,
    Func<T, TOut> wrap,
    CancellationToken callEnded) : IMessageStream<T>
    where T : class
{
    private Task<bool>? _next;

    /// <inheritdoc/>
    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(wrap(message), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Ended(e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// To cancel leaves the call alone, so that a last word can still be said: gRPC would reset the stream. What was waited for then is what is read first
    /// the next time.
    /// </remarks>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await MoveNextAsync(cancellationToken).ConfigureAwait(false))
            yield return unwrap(reader.Current) ?? throw ServiceError.InvalidField("message", "must be set");
    }

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _next ??= reader.MoveNext(callEnded);
        bool moved;
        try
        {
            moved = await _next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_next.IsCompleted)
        {
            _ = _next.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
        catch (Exception e) when (IsEnd(e) || (e is OperationCanceledException && callEnded.IsCancellationRequested))
        {
            throw Ended(e);
        }

        _next = null;
        return moved;
    }

    // A peer that dies resets its streams. gRPC says so in as many ways as it has places where that is noticed.
    private static bool IsEnd(Exception exception) => exception is IOException or InvalidOperationException;

    private static RpcException Ended(Exception exception) => new(new Status(StatusCode.Unavailable, "the connection is lost", exception));
}

/// <summary>The streams of PeerService as messages.</summary>
internal static class MessageStreams
{
    /// <summary>Sync, as the server has it.</summary>
    public static IMessageStream<SyncMessage> OfServer(
        IAsyncStreamReader<SyncRequest> reader, IServerStreamWriter<SyncResponse> writer, CancellationToken callEnded) =>
        new MessageStream<SyncRequest, SyncResponse, SyncMessage>(
            reader, writer, static request => request.Message, static message => new SyncResponse { Message = message }, callEnded);

    /// <summary>Fetch, as the server has it.</summary>
    public static IMessageStream<FetchMessage> OfServer(
        IAsyncStreamReader<FetchRequest> reader, IServerStreamWriter<FetchResponse> writer, CancellationToken callEnded) =>
        new MessageStream<FetchRequest, FetchResponse, FetchMessage>(
            reader, writer, static request => request.Message, static message => new FetchResponse { Message = message }, callEnded);

    /// <summary>Sync, as the client has it.</summary>
    public static IMessageStream<SyncMessage> OfClient(AsyncDuplexStreamingCall<SyncRequest, SyncResponse> call) =>
        new MessageStream<SyncResponse, SyncRequest, SyncMessage>(
            call.ResponseStream,
            call.RequestStream,
            static response => response.Message,
            static message => new SyncRequest { Message = message },
            CancellationToken.None);

    /// <summary>Fetch, as the client has it.</summary>
    public static IMessageStream<FetchMessage> OfClient(AsyncDuplexStreamingCall<FetchRequest, FetchResponse> call) =>
        new MessageStream<FetchResponse, FetchRequest, FetchMessage>(
            call.ResponseStream,
            call.RequestStream,
            static response => response.Message,
            static message => new FetchRequest { Message = message },
            CancellationToken.None);
}
