using System.Numerics;

namespace Sks.Reconciliation.Sketches;

/// <summary>Numbers of the protocol, on which both sides must agree.</summary>
internal static class ExchangeRules
{
    /// <summary>The most cells in one message.</summary>
    public const int MaxCellsPerMessage = 4096;

    /// <summary>The most prefixes in one message.</summary>
    public const int MaxPrefixesPerMessage = 8192;

    /// <summary>Bytes of a prefix.</summary>
    public const int PrefixLength = sizeof(ulong);

    /// <summary>The most cells that the requested buckets may have together, as long as they are neither finished nor requested as lists: 2 MiB.</summary>
    public const int MaxOpenCells = 1 << 17;

    private const int MinFirstCells = 128;
    private const double FirstCellsPerDifference = 1.5;
    private const int MinBucketCells = 128;
    private const int MaxBucketCells = 4096;
    private const double MaxLoad = 0.75 / 1.1;

    /// <summary>Cells the responder sends without being asked.</summary>
    /// <param name="lastDifference">What the initiator has said.</param>
    /// <param name="cells">Of the smaller sketch.</param>
    public static int FirstCells(uint lastDifference, int cells) =>
        (int)Math.Min(cells, Math.Max(MinFirstCells, Math.Ceiling(FirstCellsPerDifference * lastDifference)));

    /// <summary>The most cells of a bucket: with more a list is shorter.</summary>
    /// <param name="size">How many elements the responder's fingerprints give it.</param>
    public static int BucketCells(uint size) => (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)size), MinBucketCells, MaxBucketCells);

    /// <summary>Whether a sketch has too few cells for so many differences.</summary>
    public static bool IsTooMany(double differences, int cells) => differences > MaxLoad * cells;

    /// <summary>By how many elements two sets differ at least.</summary>
    public static ulong LeastDifference(ulong size, ulong other) => size > other ? size - other : other - size;

    /// <summary>Whether a sketch may have so many cells.</summary>
    /// <param name="log2Cells">Their binary logarithm.</param>
    public static bool IsLog2Cells(int log2Cells) => log2Cells is >= CodedSketch.MinLog2Cells and <= CodedSketch.MaxLog2Cells;

    /// <summary>Whether a message of cells is the next one that may come.</summary>
    /// <remarks>Only the last message of a credit is short: cells one by one would be tried to decode again and again.</remarks>
    /// <param name="cells">The message.</param>
    /// <param name="have">How many cells have come.</param>
    /// <param name="credit">How many may come.</param>
    public static bool IsNext(SketchCells cells, int have, int credit) =>
        cells.First == have
        && have < credit
        && cells.Data.Length == Math.Min(MaxCellsPerMessage, credit - have) * Symbol.Length;
}
