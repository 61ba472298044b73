namespace Sks.Node;

/// <summary>Bytes that may be on their way at a time; who would exceed them waits. One taker, any number of givers.</summary>
public sealed class ByteBudget
{
    private readonly Lock _lock = new();
    private readonly int _bytes;
    private int _free;
    private TaskCompletionSource? _waiting;

    /// <summary>A budget of which nothing is taken.</summary>
    public ByteBudget(int bytes) => _free = _bytes = bytes;

    /// <summary>Takes bytes as soon as so many are free.</summary>
    /// <returns>How many to give back: something larger than the budget takes all of it.</returns>
    public async ValueTask<int> TakeAsync(int count, CancellationToken cancellationToken)
    {
        int taken = Math.Min(count, _bytes);
        while (true)
        {
            Task waiting;
            lock (_lock)
            {
                if (_free >= taken)
                {
                    _free -= taken;
                    return taken;
                }

                _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting = _waiting.Task;
            }

            await waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(int taken)
    {
        lock (_lock)
        {
            _free += taken;
            _waiting?.TrySetResult();
        }
    }
}
