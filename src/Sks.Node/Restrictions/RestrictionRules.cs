namespace Sks.Node.Restrictions;

/// <summary>Which of all restrictions hold.</summary>
internal static class RestrictionRules
{
    /// <summary>
    /// Of each origin that is honoured the newest restriction of each subject, retractions left out. One origin cannot retract what another
    /// demands. What this node has issued counts as one origin, also what it issued under a key that it lost.
    /// </summary>
    public static List<RestrictionEntry> FindInForce(IEnumerable<RestrictionEntry> entries, IReadOnlySet<NodeId> origins) =>
    [
        .. entries
            .Where(entry => entry.Note.IsOwn || origins.Contains(entry.Record.Origin))
            .GroupBy(static entry => (Origin: entry.Note.IsOwn ? default : entry.Record.Origin, entry.Record.Subject))
            .Select(static group => group.MaxBy(static entry => entry.Record.Sequence)!)
            .Where(static entry => entry.Record.Kind != RestrictionKind.Retract),
    ];
}
