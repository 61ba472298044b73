using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What one peer may have this node do, in all its sessions together. Outlives them. For any number of threads.</summary>
/// <remarks>
/// Being pinned makes a peer no friend: it may be broken, or someone else's by now. Nobody who behaves comes near these limits, however bad the line is.
/// Whoever exceeds one is refused for a time that doubles.
/// </remarks>
/// <param name="options">How much.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerBudget(PeerOptions options, TimeProvider time)
{
    // Those of a line that breaks every second, for a while.
    private const int Comparisons = 60;
    private const int Keys = 10;
    private const int Scans = 8;
    private const int Failures = 10;

    // Five minutes' worth.
    private const int SecondsOfBytes = 300;

    // A smaller set is no cheaper to ask for again and again.
    private const double MinScanElements = 1_000_000;

    // Comparing by a policy that this node has left behind takes a new sketch each time.
    private static readonly TimeSpan BuildInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailureInterval = TimeSpan.FromMinutes(5);

    private readonly Allowance _comparisons = new(Comparisons, Min(options.PeerCompareInterval, options.CompareInterval / 2), time);
    private readonly Allowance _keys = new(Keys, options.PeerKeyInterval, time);
    private readonly Allowance _scans = new(Scans, options.PeerScanInterval, time);
    private readonly Allowance _builds = new(Scans, Min(options.CompareInterval, BuildInterval), time);
    private readonly Allowance _failures = new(Failures, FailureInterval, time);
    private readonly Allowance _secondsOfBytes = new(SecondsOfBytes, TimeSpan.FromSeconds(1), time);
    private readonly PeerBackOff _backOff = new(time);

    /// <summary>Whether the peer may call.</summary>
    /// <exception cref="PeerRefusedException">It has asked for too much, and has come back too soon.</exception>
    public void Admit()
    {
        TimeSpan remaining = _backOff.Remaining;
        if (remaining > TimeSpan.Zero)
            throw new PeerRefusedException(ErrorCode.Busy, "asked for too much: come back later", remaining);
    }

    /// <summary>The peer begins to compare.</summary>
    /// <exception cref="PeerRefusedException">It does so too often.</exception>
    public void SpendComparison() => Spend(_comparisons, 1, "compares too often");

    /// <summary>A new link key is made that is not due: because the peer wants it, has lost the old one, or comparing has failed.</summary>
    /// <exception cref="PeerRefusedException">That happens too often.</exception>
    public void SpendKey() => Spend(_keys, 1, "needs too many link keys");

    /// <summary>Elements were read one by one for the peer.</summary>
    /// <param name="elements">How many.</param>
    /// <param name="size">Of the whole set.</param>
    /// <exception cref="PeerRefusedException">It has too much read.</exception>
    public void SpendScan(long elements, long size) => Spend(_scans, ShareOf(elements, size), "has the set read too often");

    /// <summary>A sketch was built to compare with the peer.</summary>
    /// <param name="size">How many elements are in it.</param>
    /// <exception cref="PeerRefusedException">That happens too often.</exception>
    public void SpendBuild(long size) => Spend(_builds, ShareOf(size, size), "needs too many sketches");

    /// <summary>A comparison that the peer began has failed.</summary>
    /// <exception cref="PeerRefusedException">That happens too often.</exception>
    public void SpendFailure() => Spend(_failures, 1, "comparisons fail too often");

    /// <summary>Something is sent to the peer that it asked for to compare.</summary>
    /// <param name="bytes">How long it is.</param>
    /// <exception cref="PeerRefusedException">It asks for too much.</exception>
    public void SpendBytes(long bytes) => Spend(_secondsOfBytes, (double)bytes / options.PeerBytesPerSecond, "asks for too many bytes");

    private static double ShareOf(long elements, long size) => elements / Math.Max(MinScanElements, size);

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private void Spend(Allowance allowance, double amount, string excess)
    {
        if (!allowance.TryTake(amount))
            throw new PeerRefusedException(ErrorCode.Busy, excess, _backOff.Begin(allowance.Wait)) { IsExcess = true };
    }
}
