namespace Sks.Storage;

/// <summary>Keeps the database open while someone reads: closing waits for every lease.</summary>
public sealed class StoreLease : IDisposable
{
    private readonly StoreReader _reader;
    private LeaseCounter? _counter;

    internal StoreLease(LeaseCounter counter, StoreReader reader)
    {
        _counter = counter;
        _reader = reader;
    }

    /// <summary>Reads the newest state.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public StoreReader Reader
    {
        get
        {
            ObjectDisposedException.ThrowIf(_counter is null, this);
            return _reader;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _counter, null)?.Return();
}

/// <summary>Counts leases and lets one caller wait for the last to be returned.</summary>
internal sealed class LeaseCounter
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One lease belongs to the store itself; when it is given back no new one is handed out.
    private int _count = 1;

    /// <summary>Takes a lease.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public StoreLease Take(StoreReader reader)
    {
        for (int count = Volatile.Read(ref _count); count > 0;)
        {
            int seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
                return new StoreLease(this, reader);
            count = seen;
        }

        throw new StorageException(StorageErrorKind.Closed, "The store is closed.");
    }

    /// <summary>Gives a lease back.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _drained.TrySetResult();
    }

    /// <summary>Gives the store's own lease back and waits for all others.</summary>
    public Task DrainAsync()
    {
        Return();
        return _drained.Task;
    }
}
