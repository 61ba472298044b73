namespace Sks.Grpc;

/// <summary>What one call has under way, bounded in number and bytes; a single submission is let in whatever its size.</summary>
internal sealed class SubmissionWindow(int maxCount, long maxBytes)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _left = CreateSignal();
    private int _count;
    private long _bytes;

    /// <summary>Waits until there is room.</summary>
    public async Task EnterAsync(long bytes, CancellationToken cancellationToken)
    {
        while (TryEnter(bytes) is { } left)
            await left.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes room again.</summary>
    public void Leave(long bytes)
    {
        TaskCompletionSource left;
        lock (_lock)
        {
            _count--;
            _bytes -= bytes;
            (left, _left) = (_left, CreateSignal());
        }

        left.SetResult();
    }

    /// <summary>Waits until nothing is under way.</summary>
    public async Task WhenEmptyAsync(CancellationToken cancellationToken)
    {
        while (WhenSomethingLeaves() is { } left)
            await left.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task? TryEnter(long bytes)
    {
        lock (_lock)
        {
            if (_count > 0 && (_count >= maxCount || _bytes + bytes > maxBytes))
                return _left.Task;

            _count++;
            _bytes += bytes;
            return null;
        }
    }

    private Task? WhenSomethingLeaves()
    {
        lock (_lock)
            return _count > 0 ? _left.Task : null;
    }
}
