using System.Diagnostics;

namespace Sks.LoadHarness.Load;

/// <summary>Counts durations in buckets 3 % wide, so that recording one costs nothing worth measuring. Not for concurrent use.</summary>
internal sealed class LatencyHistogram
{
    private const int BucketsPerOctave = 32;
    private const int OctaveBits = 5;

    private readonly long[] _counts = new long[64 * BucketsPerOctave];

    /// <summary>How many durations were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Records the time since <paramref name="start"/>, a <see cref="Stopwatch"/> timestamp.</summary>
    public void RecordSince(long start)
    {
        _counts[BucketOf(Math.Max(1, (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds))]++;
        Count++;
    }

    /// <summary>Adds what another one has counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The duration that <paramref name="share"/> of all do not exceed, to within 3 %.</summary>
    public TimeSpan Quantile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(Count * share));
        for (int i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
                return TimeSpan.FromMicroseconds(UpperEnd(i));
        }

        return TimeSpan.Zero;
    }

    // The exponent of two, then the five bits behind the leading one.
    private static int BucketOf(long microseconds)
    {
        int exponent = long.Log2(microseconds) is var log && log > OctaveBits ? (int)log - OctaveBits : 0;
        return (exponent * BucketsPerOctave) + (int)(microseconds >> exponent);
    }

    private static double UpperEnd(int bucket)
    {
        int exponent = Math.Max(0, (bucket / BucketsPerOctave) - 1);
        long mantissa = bucket - (exponent * BucketsPerOctave);
        return (double)((mantissa + 1L) << exponent) - 1;
    }
}
