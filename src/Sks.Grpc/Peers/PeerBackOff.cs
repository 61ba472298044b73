namespace Sks.Grpc.Peers;

/// <summary>For how long a peer that asks for too much is refused: twice as long each time, until it has behaved for a while. For any number of threads.</summary>
/// <param name="time">The clock.</param>
internal sealed class PeerBackOff(TimeProvider time)
{
    private const int MaxDoublings = 24;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private DateTimeOffset _until;
    private int _count;

    /// <summary>How much longer the peer is refused; zero when it is not.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (_lock)
            {
                return ReadRemaining(time.GetUtcNow());
            }
        }
    }

    /// <summary>Refuses the peer from now on, unless it is refused already.</summary>
    /// <param name="least">How long at least; an hour is the most in any case.</param>
    /// <returns>For how long.</returns>
    public TimeSpan Begin(TimeSpan least)
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (ReadRemaining(now) is { } remaining && remaining > TimeSpan.Zero)
                return remaining;
            if (now - _until > Most)
                _count = 0;
            TimeSpan pause = First * Math.Pow(2, _count);
            pause = pause > least ? pause : least;
            pause = pause < Most ? pause : Most;
            _count = Math.Min(_count + 1, MaxDoublings);
            _until = now + pause;
            return pause;
        }
    }

    // A clock that was put back refuses nobody for longer.
    private TimeSpan ReadRemaining(DateTimeOffset now) => _until > now && _until - now <= Most ? _until - now : TimeSpan.Zero;
}
