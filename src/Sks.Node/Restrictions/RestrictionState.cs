using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>The restrictions of one moment.</summary>
/// <param name="Entries">All that were ever issued or taken in.</param>
/// <param name="InForce">Those that hold.</param>
/// <param name="Hidden">What must not be served or taken in.</param>
/// <param name="Due">What must not be kept either.</param>
/// <param name="Erased">What of that must not be on the disk at all.</param>
/// <param name="Version">See <see cref="PreparedChange.RestrictionVersion"/>.</param>
internal sealed record RestrictionState(
    IReadOnlyList<RestrictionEntry> Entries,
    IReadOnlyList<RestrictionEntry> InForce,
    RestrictionSet Hidden,
    RestrictionSet Due,
    RestrictionSet Erased,
    ulong Version)
{
    /// <summary>How many restrictions were ever taken back: what was refused before another one is, may be welcome now.</summary>
    public int Retractions { get; } = Entries.Count(static entry => entry.Record.Kind == RestrictionKind.Retract);

    /// <summary>Works out what holds.</summary>
    public static RestrictionState Create(
        IReadOnlyList<RestrictionEntry> entries, IReadOnlySet<NodeId> origins, DateTimeOffset now, ulong version)
    {
        List<RestrictionEntry> inForce = RestrictionRules.FindInForce(entries, origins);
        return new RestrictionState(
            entries,
            inForce,
            RestrictionSet.OfAll(inForce, now),
            RestrictionSet.OfDue(inForce, now),
            RestrictionSet.OfDueErasures(inForce, now),
            version);
    }
}
