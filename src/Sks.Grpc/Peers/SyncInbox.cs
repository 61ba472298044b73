using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What arrives in a Sync stream, one by one.</summary>
/// <remarks>To stop waiting for a message does not break the stream off, so that there is time to say why.</remarks>
internal sealed class SyncInbox : IAsyncDisposable
{
    private readonly CancellationTokenSource _abort = new();
    private readonly IAsyncEnumerator<SyncMessage> _messages;
    private Task<bool>? _pending;
    private long _received;

    /// <summary>Begins to read when asked to.</summary>
    public SyncInbox(IMessageStream<SyncMessage> stream) => _messages = stream.ReadAsync(_abort.Token).GetAsyncEnumerator(_abort.Token);

    /// <summary>Bytes of messages that were received.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>The next message; null at the end.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">The stream was broken off.</exception>
    public async Task<SyncMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        _pending ??= _messages.MoveNextAsync().AsTask();
        bool any = await _pending.WaitAsync(cancellationToken).ConfigureAwait(false);
        _pending = null;
        if (!any)
            return null;
        Interlocked.Add(ref _received, _messages.Current.CalculateSize());
        return _messages.Current;
    }

    /// <summary>Breaks off reading.</summary>
    public async ValueTask DisposeAsync()
    {
        await _abort.CancelAsync().ConfigureAwait(false);
        if (_pending is not null)
            await ((Task)_pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _messages.DisposeAsync().ConfigureAwait(false);
        _abort.Dispose();
    }
}
