namespace Sks.Grpc.Peers;

/// <summary>Something that may be used so often: it is used up at once, and comes back evenly. For any number of threads.</summary>
/// <remarks>As long as one is left, more can be taken than is left: that has to come back first. So nothing is too much to be taken at all.</remarks>
/// <param name="most">How much there is at first, and at most.</param>
/// <param name="interval">How long it takes until one comes back.</param>
/// <param name="time">The clock.</param>
internal sealed class Allowance(double most, TimeSpan interval, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _used;
    private long _countedAt = time.GetTimestamp();

    /// <summary>How long it takes until one is left; zero when it is.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                Refill();
                return interval * double.Max(0, _used + 1 - most);
            }
        }
    }

    /// <summary>Takes some.</summary>
    /// <param name="amount">How much.</param>
    /// <returns>Whether that, or at least one, was left; if not, nothing is taken.</returns>
    public bool TryTake(double amount)
    {
        lock (_lock)
        {
            Refill();
            if (_used + double.Min(amount, 1) > most)
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
