namespace Sks.Reconciliation.Sketches;

/// <summary>What the two sides of an exchange say to each other.</summary>
public abstract record SketchMessage
{
    private protected SketchMessage()
    {
    }
}

/// <summary>The initiator begins.</summary>
/// <param name="Size">How many elements its set has.</param>
/// <param name="Fingerprint">Of its set.</param>
/// <param name="Log2Cells">Binary logarithm of the number of cells of its sketch.</param>
/// <param name="LastDifference">How many differences the last exchange found; 0 for unknown.</param>
public sealed record ExchangeBegin(ulong Size, UInt128 Fingerprint, int Log2Cells, uint LastDifference) : SketchMessage;

/// <summary>Consecutive cells of a sketch.</summary>
/// <param name="Bucket">0 for the sketch of the whole set; otherwise 1 more than the number of the bucket.</param>
/// <param name="First">Index of the first cell.</param>
/// <param name="Data">16 bytes per cell; 4096 cells, fewer only in the last message that the credit allows.</param>
public sealed record SketchCells(uint Bucket, uint First, ReadOnlyMemory<byte> Data) : SketchMessage;

/// <summary>The responder's answer when the sets differ, before the first cells: single cells of high indices, by which the number of differences can be
/// estimated.</summary>
/// <param name="Folded">4 bits per cell, 128 cells per octave from index 256 up to the number of cells of the smaller sketch.</param>
/// <param name="Size">How many elements the responder's set has.</param>
/// <param name="Fingerprint">Of its set.</param>
/// <param name="Log2Cells">Binary logarithm of the number of cells of its sketch.</param>
public sealed record SketchProbes(ReadOnlyMemory<byte> Folded, ulong Size, UInt128 Fingerprint, int Log2Cells) : SketchMessage;

/// <summary>The initiator allows the responder to send cells.</summary>
/// <param name="Bucket">As in <see cref="SketchCells"/>; a bucket must have been requested as cells.</param>
/// <param name="CellsUpto">Index behind the last cell that may be sent; 0 when no more cells of the bucket are needed.</param>
public sealed record CellCredit(uint Bucket, uint CellsUpto) : SketchMessage;

/// <summary>How the exchange has ended, or must go on.</summary>
/// <param name="Kind">Which of these.</param>
/// <param name="MissingHere">How many elements only the receiver of this message has.</param>
/// <param name="MissingThere">How many elements only its sender has.</param>
/// <param name="Fingerprint">Of the sender's set.</param>
/// <param name="Size">How many elements the sender's set has.</param>
public sealed record ExchangeVerdict(VerdictKind Kind, uint MissingHere, uint MissingThere, UInt128 Fingerprint, ulong Size) : SketchMessage;

/// <summary>Fingerprints of all buckets.</summary>
/// <param name="Fingerprints">16 bytes each, 4096 of them.</param>
/// <param name="Sizes">How many elements each has.</param>
public sealed record BucketFingerprints(ReadOnlyMemory<byte> Fingerprints, IReadOnlyList<uint> Sizes) : SketchMessage;

/// <summary>The initiator asks for buckets, for each at most once as cells and once as a list.</summary>
/// <param name="Buckets">Their numbers.</param>
/// <param name="AsLists">Whether as lists, which come at once; else as cells under a key of their own, as soon as there is credit.</param>
public sealed record BucketRequest(IReadOnlyList<uint> Buckets, bool AsLists) : SketchMessage;

/// <summary>Some elements of a bucket.</summary>
/// <param name="Bucket">Its number.</param>
/// <param name="Prefixes">First 8 bytes of each, strictly ascending; at most 8192 of them, and none only at the end.</param>
/// <param name="Continues">Whether the next list has more of the bucket.</param>
public sealed record BucketPrefixes(uint Bucket, ReadOnlyMemory<byte> Prefixes, bool Continues) : SketchMessage;

/// <summary>Verdicts on an exchange. The values are those on the wire.</summary>
public enum VerdictKind
{
    /// <summary>Both sets are the same.</summary>
    Equal = 1,

    /// <summary>The differences are known.</summary>
    Decoded = 2,

    /// <summary>There are too many differences, or decoding failed: it goes on with buckets.</summary>
    NeedBuckets = 3,

    /// <summary>It failed.</summary>
    Failed = 4,
}
