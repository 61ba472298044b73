using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Admission;

/// <summary>What is admitted: options of the operator, and the policies that views are made by.</summary>
/// <param name="options">What may enter.</param>
/// <param name="policies">The maintained policies, by ascending version.</param>
internal sealed class AdmissionRules(IngestOptions options, IReadOnlyList<CleanViewPolicy> policies)
{
    /// <summary>The maintained policies, by ascending version.</summary>
    public IReadOnlyList<CleanViewPolicy> Policies { get; } = policies;

    /// <summary>Above these a full view is frozen.</summary>
    public FullViewBounds Bounds { get; } = new(options.MaxFullViewBytes, options.MaxFullViewSignatures);

    /// <summary>Most bytes of the owner's own packets in a clean view: one that would grow beyond takes only key revocations.</summary>
    public int MaxOwnBytes { get; } = options.MaxCleanViewBytes;

    /// <summary>Whether a source may add what is not proven. Peers of our own kind exchange clean views, whatever clients may do.</summary>
    public bool AdmitUnproven(ChangeSource source) => source switch
    {
        ChangeSource.Import or ChangeSource.SksPeer => true,
        ChangeSource.Peer => false,
        _ => options.Submissions == SubmissionPolicy.Full,
    };
}
