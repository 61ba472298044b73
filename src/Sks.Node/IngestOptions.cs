using System.ComponentModel.DataAnnotations;

namespace Sks.Node;

/// <summary>What clients may add.</summary>
public enum SubmissionPolicy
{
    /// <summary>Only packets that enter the clean view.</summary>
    Proven,

    /// <summary>Whatever fits the grammar, as in SKS.</summary>
    Full,
}

/// <summary>What may enter the store, and how much of it.</summary>
public sealed class IngestOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Ingest";

    /// <summary>
    /// What client submissions (HKP, gRPC, mail) may add: <c>Proven</c>, only packets that are proven and so enter the clean view, or <c>Full</c>,
    /// everything as in SKS. Imports and SKS peers always add everything, peers of this kind what is proven. Default: <c>Proven</c>.
    /// </summary>
    [EnumDataType(typeof(SubmissionPolicy))]
    public SubmissionPolicy Submissions { get; set; }

    /// <summary>A full view above this many bytes takes only packets that enter the clean view. Default: 1 MiB.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)]
    public int MaxFullViewBytes { get; set; } = 1024 * 1024;

    /// <summary>A full view above this many signatures takes only packets that enter the clean view. Default: 5,000.</summary>
    [Range(100, 10_000_000)]
    public int MaxFullViewSignatures { get; set; } = 5000;

    /// <summary>
    /// A certificate whose owner's own packets in the clean view take more bytes takes only key revocations. Default: 16 MiB.
    /// </summary>
    [Range(16 * 1024, 256 * 1024 * 1024)]
    public int MaxCleanViewBytes { get; set; } = 16 * 1024 * 1024;
}
