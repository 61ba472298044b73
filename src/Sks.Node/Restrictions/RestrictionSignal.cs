namespace Sks.Node.Restrictions;

/// <summary>Tells whoever waits that there are other restrictions than before. For any number of threads.</summary>
internal sealed class RestrictionSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 1;

    /// <summary>Says so.</summary>
    public void Raise()
    {
        lock (_lock)
        {
            _version++;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends when the version is not <paramref name="version"/>; returns it. Versions count from 1, so that nobody waits with 0.</summary>
    public async Task<long> WaitAsync(long version, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_lock)
        {
            if (_version != version)
                return _version;
            changed = _changed.Task;
        }

        await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Volatile.Read(ref _version);
    }
}
