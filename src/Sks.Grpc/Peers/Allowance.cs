namespace Sks.Grpc.Peers;

/// <summary>Something that may be used so often: it is used up at once, and comes back evenly. For any number of threads.</summary>
/// <remarks>Whoever takes more than is left is in debt: it has to wait until that has come back. So nothing is too large to be taken at all.</remarks>
/// <param name="most">How much there is at first, and at most.</param>
/// <param name="interval">How long it takes until one comes back.</param>
/// <param name="time">The clock.</param>
internal sealed class Allowance(double most, TimeSpan interval, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _used;
    private long _countedAt = time.GetTimestamp();

    /// <summary>How long it takes until one is left; zero when anything is.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                Refill();
                return _used < most ? TimeSpan.Zero : interval * (_used - most + 1);
            }
        }
    }

    /// <summary>Takes some.</summary>
    /// <param name="amount">How much.</param>
    /// <returns>Whether anything was left; if not, nothing is taken.</returns>
    public bool TryTake(double amount)
    {
        lock (_lock)
        {
            Refill();
            if (_used >= most)
                return false;
            _used += amount;
            return true;
        }
    }

    private void Refill()
    {
        long now = time.GetTimestamp();
        _used = double.Max(0, _used - (time.GetElapsedTime(_countedAt, now) / interval));
        _countedAt = now;
    }
}
