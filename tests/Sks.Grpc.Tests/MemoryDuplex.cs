using System.Threading.Channels;
using Sks.Grpc.Peers;

namespace Sks.Grpc.Tests;

/// <summary>Two ends of a stream in memory. A writer waits while as many messages are unread as fit.</summary>
internal sealed class MemoryDuplex<T>(ChannelReader<T> reader, ChannelWriter<T> writer) : IMessageStream<T>
{
    public static (MemoryDuplex<T> First, MemoryDuplex<T> Second) Create(int capacity)
    {
        var there = Channel.CreateBounded<T>(capacity);
        var back = Channel.CreateBounded<T>(capacity);
        return (new(back.Reader, there.Writer), new(there.Reader, back.Writer));
    }

    public Task WriteAsync(T message, CancellationToken cancellationToken) => writer.WriteAsync(message, cancellationToken).AsTask();

    public IAsyncEnumerable<T> ReadAsync(CancellationToken cancellationToken) => reader.ReadAllAsync(cancellationToken);

    public void Close() => writer.TryComplete();
}
