using Grpc.Core;

namespace Sks.Grpc;

/// <summary>Bounds how many calls of one kind are open.</summary>
internal sealed class CallLimiter(int maxCalls)
{
    private int _open;

    /// <summary>Takes a place until the result is disposed.</summary>
    /// <exception cref="RpcException">All are taken.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _open) <= maxCalls)
            return new Place(this);

        Interlocked.Decrement(ref _open);
        throw ServiceError.TooManyCalls();
    }

    private sealed class Place(CallLimiter limiter) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Interlocked.Decrement(ref limiter._open);
        }
    }
}
