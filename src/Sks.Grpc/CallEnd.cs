using System.Runtime.ExceptionServices;
using Grpc.Core;

namespace Sks.Grpc;

/// <summary>How a call with several tasks ends before its time: the client cancels, the server stops, or one of the tasks fails.</summary>
/// <remarks>
/// Reading and writing the call's streams takes no token of ours: gRPC answers such a token by resetting the stream, and the client
/// would never see the status. So a pending read is left alone and ends with the call.
/// </remarks>
internal sealed class CallEnd : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<bool> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _callCancelled;
    private readonly CancellationTokenRegistration _onCallCancelled;
    private readonly CancellationTokenRegistration _onStopping;

    public CallEnd(ServerCallContext context, CancellationToken stopping)
    {
        Token = _cancellation.Token;
        _callCancelled = context.CancellationToken;
        _onCallCancelled = _callCancelled.Register(() => Fail(new OperationCanceledException(_callCancelled)));
        _onStopping = stopping.Register(() => Fail(new OperationCanceledException(stopping)));
    }

    /// <summary>Cancelled when the call ends early.</summary>
    public CancellationToken Token { get; }

    /// <summary>Ends the call. The first one to do so decides why.</summary>
    public void Fail(Exception exception)
    {
        if (!_failed.TrySetException(exception))
            return;

        _ = _failed.Task.Exception; // observed: nobody may be waiting
        _cancellation.Cancel();
    }

    /// <summary>Throws what ended the call, if something has.</summary>
    public void ThrowIfFailed()
    {
        if (_failed.Task.Exception?.InnerException is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Waits for the client's next message, or for the end of the call.</summary>
    public async Task<bool> MoveNextAsync<T>(IAsyncStreamReader<T> reader)
    {
        ThrowIfFailed();
        Task<bool> next = reader.MoveNext(_callCancelled);
        if (next.IsCompleted)
            return await next.ConfigureAwait(false);

        Task<bool> first = await Task.WhenAny(next, _failed.Task).ConfigureAwait(false);
        if (first != next)
            _ = next.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return await first.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _onStopping.Dispose();
        _onCallCancelled.Dispose();
        Fail(new OperationCanceledException("The call is over."));
        _cancellation.Dispose();
    }
}
