using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>Which buckets differ, and by how much they may.</summary>
internal sealed class BucketPlan
{
    private const double CellsPerDifference = 1.5;
    private const int MoreCells = 16;
    private const double NearlyAll = 0.95;

    // A normal distribution without the farthest 1/32 has this part of its variance.
    private const int Farthest = CodedSketch.Buckets / 32;
    private const double PartOfVariance = 0.826;

    private readonly IReadOnlyList<uint> _ours;
    private readonly IReadOnlyList<uint> _theirs;
    private readonly double _expected;

    /// <summary>Compares.</summary>
    /// <param name="image">This side's sketch.</param>
    /// <param name="fingerprints">The other's: 4096 of 16 bytes.</param>
    /// <param name="sizes">How many elements its buckets have.</param>
    public BucketPlan(SketchImage image, ReadOnlySpan<byte> fingerprints, IReadOnlyList<uint> sizes)
    {
        _ours = image.BucketSizes;
        _theirs = sizes;
        ReadOnlySpan<Vector128<byte>> theirs = MemoryMarshal.Cast<byte, Vector128<byte>>(fingerprints);
        List<int> differing = [];
        for (int bucket = 0; bucket < CodedSketch.Buckets; bucket++)
        {
            if (image.BucketFingerprint(bucket) != theirs[bucket])
                differing.Add(bucket);
        }

        Differing = differing;
        _expected = Expect();
    }

    /// <summary>Numbers of the buckets that differ, ascending.</summary>
    public IReadOnlyList<int> Differing { get; }

    /// <summary>How many elements the other side has in a bucket.</summary>
    public uint SizeThere(int bucket) => _theirs[bucket];

    /// <summary>Cells to begin a bucket with; null when its list is shorter.</summary>
    /// <param name="bucket">Number of the bucket.</param>
    /// <param name="listAbove">See <see cref="ExchangeLimits.ListAbove"/>.</param>
    public int? FirstCells(int bucket, double listAbove)
    {
        uint size = _theirs[bucket];
        double differences = Math.Max(_expected, Math.Abs((double)size - _ours[bucket]));
        if (differences > listAbove * size)
            return null;
        double cells = Math.Ceiling(CellsPerDifference * differences) + MoreCells;
        return IsListShorter(bucket, cells) || cells > ExchangeRules.BucketCells(size) ? null : (int)cells;
    }

    /// <summary>Whether so many cells have more bytes than the list of the bucket.</summary>
    public bool IsListShorter(int bucket, double cells) => cells * Symbol.Length >= (double)_theirs[bucket] * ExchangeRules.PrefixLength;

    /// <summary>Expected number of differences in a bucket that differs.</summary>
    /// <remarks>
    /// While some buckets are the same, by their number. Else by the variance of the difference in size: where differences fall into buckets by chance,
    /// it is their mean number, however they are spread over the sides. The farthest buckets are left out, and what they add to the variance by chance
    /// is made good: whoever fills one bucket with elements chosen for it must not make all others be sent as lists.
    /// </remarks>
    private double Expect()
    {
        double part = Math.Min(NearlyAll, (double)Differing.Count / CodedSketch.Buckets);
        double byCount = part == 0 ? 0 : -Math.Log(1 - part) / part;
        if (part < NearlyAll)
            return byCount;

        var more = new double[CodedSketch.Buckets];
        for (int bucket = 0; bucket < more.Length; bucket++)
            more[bucket] = (double)_theirs[bucket] - _ours[bucket];
        Array.Sort(more);
        double median = more[more.Length / 2];
        double[] squares = Array.ConvertAll(more, one => (one - median) * (one - median));
        Array.Sort(squares);
        return Math.Max(byCount, squares.Take(CodedSketch.Buckets - Farthest).Average() / PartOfVariance);
    }
}
