using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Numbers about this node, all taken at one moment.</summary>
/// <param name="Time">When they were taken.</param>
/// <param name="Certificates">How many certificates are stored.</param>
/// <param name="Cursor">The newest change.</param>
/// <param name="IsWritable">Whether submissions can be stored now.</param>
/// <param name="Outcomes">Outcomes since start, by source and result.</param>
/// <param name="Rejections">Rejections since start, by reason.</param>
/// <param name="LeftOut">Packets that came in since start and are not in the clean view, by reason.</param>
/// <param name="ServedPolicy">Version of the policy whose clean views are served.</param>
/// <param name="Migration">How far new clean views are made; both zero when all are there.</param>
/// <param name="History">Changes per hour of the last 31 days, oldest first; hours without any are left out.</param>
public sealed record NodeStatistics(
    DateTimeOffset Time,
    long Certificates,
    ChangeCursor Cursor,
    bool IsWritable,
    IReadOnlyDictionary<(ChangeSource Source, SubmissionResult Result), long> Outcomes,
    IReadOnlyDictionary<RejectionReason, long> Rejections,
    IReadOnlyDictionary<PacketFate, long> LeftOut,
    int ServedPolicy,
    ViewMigrationProgress Migration,
    IReadOnlyList<HourlyChanges> History);
