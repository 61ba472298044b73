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

    // Beside the readers' leases there is one of the store itself. Negative once the store closes: the count is then as far above the
    // lowest number, and no new lease is handed out, however many there are still.
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
        if (Interlocked.Decrement(ref _count) == int.MinValue)
            _drained.TrySetResult();
    }

    /// <summary>Hands out no more, gives the store's own lease back and waits for all others. Called once.</summary>
    public Task DrainAsync()
    {
        Interlocked.Add(ref _count, int.MinValue);
        Return();
        return _drained.Task;
    }
}
