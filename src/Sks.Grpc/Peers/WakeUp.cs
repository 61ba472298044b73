using System.Threading.Channels;

namespace Sks.Grpc.Peers;

/// <summary>Wakes one waiter, now or when it waits next; any number of times at once count as one.</summary>
internal sealed class WakeUp
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes.</summary>
    public void Set() => _signals.Writer.TryWrite(true);

    /// <summary>Waits until it is woken.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _signals.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
