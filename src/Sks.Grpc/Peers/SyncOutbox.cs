using System.Threading.Channels;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What waits to be sent in a Sync stream. Whoever answers never waits; whoever tells news does.</summary>
/// <param name="stream">Where to send.</param>
internal sealed class SyncOutbox(IMessageStream<SyncMessage> stream)
{
    // An answer is 64 KiB at most, and what asks for it is counted elsewhere: a peer that gets here asks and does not read.
    private const long MaxBytes = 16 << 20;
    private const long ComfortableBytes = 256 << 10;

    private readonly Channel<SyncMessage> _queue = Channel.CreateUnbounded<SyncMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _overflow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waiting;
    private volatile TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sent;

    /// <summary>Bytes of messages that were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Fails with <see cref="PeerProtocolException"/> when the other side has asked for too much that it does not read.</summary>
    public Task Overflow => _overflow.Task;

    /// <summary>Has a message sent, unless too much waits already.</summary>
    public void Post(SyncMessage message)
    {
        if (Interlocked.Add(ref _waiting, message.CalculateSize()) <= MaxBytes)
            _queue.Writer.TryWrite(message);
        else
            _overflow.TrySetException(new PeerProtocolException("does not read what it asks for"));
    }

    /// <summary>Waits until there is room for news.</summary>
    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task drained = _drained.Task;
            if (Interlocked.Read(ref _waiting) <= ComfortableBytes)
                return;
            await drained.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes no more: <see cref="RunAsync"/> ends when what waits is sent.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Sends what waits until it is complete or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (SyncMessage message in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            int size = message.CalculateSize();
            Interlocked.Add(ref _sent, size);
            if (Interlocked.Add(ref _waiting, -size) <= ComfortableBytes)
                Interlocked.Exchange(ref _drained, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }
}
