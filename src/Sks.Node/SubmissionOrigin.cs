using Sks.Storage;

namespace Sks.Node;

/// <summary>Where a submission comes from.</summary>
/// <param name="Source">The way it came.</param>
/// <param name="Client">Who shares one budget of processor time, such as a network address; null for the operator, who has no budget.</param>
public readonly record struct SubmissionOrigin(ChangeSource Source, string? Client)
{
    /// <summary>Something the operator does.</summary>
    public static SubmissionOrigin Import { get; } = new(ChangeSource.Import, null);

    /// <summary>What its mail says about where it has been; null for what did not come by mail.</summary>
    public MailOrigin? Mail { get; init; }
}
