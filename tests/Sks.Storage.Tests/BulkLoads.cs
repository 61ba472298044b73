using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage.Tests;

/// <summary>Bulk loads in one go.</summary>
internal static class BulkLoads
{
    public static BulkLoader Open(string folder, TreeShape? shape = null) =>
        BulkLoader.Open(new StoreOptions { Folder = folder, TreeShape = shape ?? TreeShape.Default }, Merging.Unite);

    /// <summary>Loads the chunks one after the other and finishes.</summary>
    public static BulkCounts Load(string folder, params IEnumerable<IReadOnlyCollection<Certificate>> chunks) =>
        Load(folder, TreeShape.Default, chunks);

    /// <inheritdoc cref="Load(string, IEnumerable{IReadOnlyCollection{Certificate}})"/>
    public static BulkCounts Load(string folder, TreeShape shape, params IEnumerable<IReadOnlyCollection<Certificate>> chunks)
    {
        using BulkLoader loader = Open(folder, shape);
        foreach (IReadOnlyCollection<Certificate> chunk in chunks)
            loader.Load(chunk);
        loader.Finish();
        return loader.Counts;
    }
}
