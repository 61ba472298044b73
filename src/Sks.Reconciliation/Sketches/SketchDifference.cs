namespace Sks.Reconciliation.Sketches;

/// <summary>Some differences between the two sets of an exchange, by the first 8 bytes (big-endian) of the elements.</summary>
/// <remarks>To be checked before anything comes of it: the sets may have changed, and the other side may lie.</remarks>
/// <param name="MissingHere">What only the other side has.</param>
/// <param name="OnlyHere">What only this side has.</param>
public sealed record SketchDifference(IReadOnlyList<ulong> MissingHere, IReadOnlyList<ulong> OnlyHere);

/// <summary>How an exchange has ended.</summary>
public enum ExchangeEnd
{
    /// <summary>The sets were the same.</summary>
    Equal,

    /// <summary>All differences are known.</summary>
    Decoded,

    /// <summary>They could not be found out; there may be some all the same.</summary>
    Failed,

    /// <summary>The other side broke the protocol.</summary>
    Violated,
}

/// <summary>What came of an exchange.</summary>
/// <param name="End">How it ended.</param>
/// <param name="MissingHere">How many elements only the other side has.</param>
/// <param name="OnlyHere">How many elements only this side has.</param>
/// <param name="UsedBuckets">Whether the sketch of the whole set was not enough.</param>
/// <param name="Reason">In words, when it failed or was violated.</param>
public sealed record ExchangeResult(ExchangeEnd End, long MissingHere, long OnlyHere, bool UsedBuckets, string? Reason);
