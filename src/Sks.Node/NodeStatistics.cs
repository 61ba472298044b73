using Sks.Storage;

namespace Sks.Node;

/// <summary>Changes within one hour.</summary>
/// <param name="Hour">Start of the hour, UTC.</param>
/// <param name="Added">Certificates that were new.</param>
/// <param name="Updated">Certificates that got something new.</param>
public sealed record HourlyChanges(DateTimeOffset Hour, long Added, long Updated);

/// <summary>Numbers about this node, all taken at one moment.</summary>
/// <param name="Time">When they were taken.</param>
/// <param name="Certificates">How many certificates are stored.</param>
/// <param name="Cursor">The newest change.</param>
/// <param name="IsWritable">Whether submissions can be stored now.</param>
/// <param name="Outcomes">Outcomes since start, by source and result.</param>
/// <param name="Rejections">Rejections since start, by reason.</param>
/// <param name="History">Changes per hour of the last 31 days, oldest first; hours without any are left out.</param>
public sealed record NodeStatistics(
    DateTimeOffset Time,
    long Certificates,
    ChangeCursor Cursor,
    bool IsWritable,
    IReadOnlyDictionary<(ChangeSource Source, SubmissionResult Result), long> Outcomes,
    IReadOnlyDictionary<RejectionReason, long> Rejections,
    IReadOnlyList<HourlyChanges> History);
