using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Keeps <see cref="DialectCoverage"/> and the trees of dialects together: who is covered has a sound tree.</summary>
/// <remarks>All dialects have mbar and bitquantum of SKS, fixed, whatever an operator has set for SKS peers. Their leaves hold one element more.</remarks>
internal static class DialectTrees
{
    /// <summary>Shape of the trees of all dialects.</summary>
    public static TreeShape Shape { get; } = new(LeafSize: 51);

    /// <summary>What is maintained when a store is opened, and what of it is complete, with sound trees: in an empty store everything.</summary>
    /// <param name="database">The store.</param>
    /// <param name="added">The dialects to maintain besides those that the store has.</param>
    /// <param name="hasOtherRules">Whether verdicts were found by other rules than today's: then no digest counts.</param>
    public static (IReadOnlyList<Dialect> Maintained, IReadOnlyList<Dialect> Complete) Open(
        Database database, IReadOnlyList<Dialect> added, bool hasOtherRules)
    {
        DialectCoverage before = DialectCoverage.Read(database);
        IReadOnlyList<Dialect> maintained = [.. before.OfAnyRules.Union(added).OrderBy(static dialect => dialect.Profile)];
        IReadOnlyList<Dialect> complete = StoreState.IsEmpty(database) ? maintained : hasOtherRules ? [] : before.Known;
        var coverage = DialectCoverage.Of(complete);
        if (!coverage.Entries.SequenceEqual(before.Entries))
            Write(database, coverage);
        foreach (Dialect dialect in complete.Where(dialect => TreeFamily.FindSound(database, Shape, dialect.Profile) is null))
            BuildTree(database, dialect);
        return (maintained, complete);
    }

    /// <summary>Notes that a dialect is not maintained any more, and removes its tree. Its digests decay: each goes when its certificate changes.</summary>
    /// <returns>All that are still complete.</returns>
    public static IReadOnlyList<Dialect> Drop(Database database, Dialect dialect)
    {
        List<Dialect> complete = [.. DialectCoverage.Read(database).Known.Where(known => known != dialect)];
        Write(database, DialectCoverage.Of(complete));
        TreeFamily.Remove(database, dialect.Profile);
        return complete;
    }

    /// <summary>Builds the trees of dialects of which every certificate has its digest, and notes that they are complete.</summary>
    /// <returns>All that are complete.</returns>
    public static IReadOnlyList<Dialect> Build(Database database, IEnumerable<Dialect> dialects)
    {
        List<Dialect> complete = [.. DialectCoverage.Read(database).Known];
        foreach (Dialect dialect in dialects)
        {
            BuildTree(database, dialect);
            if (!complete.Contains(dialect))
                complete.Add(dialect);
        }

        Write(database, DialectCoverage.Of(complete));
        return [.. complete.OrderBy(static dialect => dialect.Profile)];
    }

    private static void BuildTree(Database database, Dialect dialect)
    {
        TreeSummary tree = TreeFamily.Rebuild(database, Shape, dialect.Profile);
        using var batch = new WriteBatch();
        tree.Write(batch, database, dialect.Profile);
        database.WriteSynced(batch);
    }

    private static void Write(Database database, DialectCoverage coverage)
    {
        using var batch = new WriteBatch();
        coverage.Write(batch, database);
        database.WriteSynced(batch);
    }
}
