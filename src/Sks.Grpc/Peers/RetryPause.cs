using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>How long to wait until a peer is contacted again.</summary>
/// <remarks>The times vary by a fifth, so that servers that have lost each other do not all come back at the same moment.</remarks>
/// <param name="interval">The first pause; each further setback doubles it.</param>
/// <param name="random">Numbers from 0 to 1.</param>
internal sealed class RetryPause(TimeSpan interval, Func<double> random)
{
    private const double Jitter = 0.2;
    private const int MaxDoublings = 24;
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);
    private static readonly TimeSpan OfDiscord = TimeSpan.FromMinutes(10);

    /// <summary>The pause after an attempt.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="setbacks">How many came to nothing since the last that lasted.</param>
    public TimeSpan After(PeerSessionEnd end, int setbacks)
    {
        // Agreed on by both. Whoever says so over and over waits like everyone.
        if (end.Code == ErrorCode.NewKey && setbacks == 0)
            return TimeSpan.Zero;

        // Somebody has to do something before it can work.
        TimeSpan first = end.Code is ErrorCode.Clone or ErrorCode.NothingInCommon or ErrorCode.Removed && OfDiscord > interval ? OfDiscord : interval;
        TimeSpan most = interval > Most ? interval : Most;
        TimeSpan pause = Vary(Min(first * Math.Pow(2, end.IsFailure ? Math.Min(setbacks, MaxDoublings) : 0), most));

        // Never before what the peer has asked for, and not when everyone comes whom it has asked.
        TimeSpan asked = end.RetryAfter * (1 + (Jitter * random()));
        return Min(pause > asked ? pause : asked, most);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private TimeSpan Vary(TimeSpan pause) => pause * (1 + (Jitter * ((2 * random()) - 1)));
}
