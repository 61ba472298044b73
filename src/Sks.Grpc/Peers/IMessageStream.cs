namespace Sks.Grpc.Peers;

/// <summary>Both directions of one stream, the same for the side that called and the side that was called.</summary>
/// <remarks>One writer and one reader at a time. The stream ends when the connection does, or its owner closes it.</remarks>
internal interface IMessageStream<T>
{
    /// <summary>Sends a message; waits while the other side does not read.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">The stream has ended.</exception>
    Task WriteAsync(T message, CancellationToken cancellationToken);

    /// <summary>What arrives; ends when the other side sends nothing more.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">The stream was broken off.</exception>
    IAsyncEnumerable<T> ReadAsync(CancellationToken cancellationToken);
}
