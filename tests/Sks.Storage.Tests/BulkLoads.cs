using Sks.OpenPgp;

namespace Sks.Storage.Tests;

/// <summary>Bulk loads in one go.</summary>
internal static class BulkLoads
{
    public static BulkLoader Open(string folder) => BulkLoader.Open(folder, Merging.Unite);

    /// <summary>Loads the chunks one after the other and finishes.</summary>
    public static BulkCounts Load(string folder, params IEnumerable<IReadOnlyCollection<Certificate>> chunks)
    {
        using BulkLoader loader = Open(folder);
        foreach (IReadOnlyCollection<Certificate> chunk in chunks)
            loader.Load(chunk);
        loader.Finish();
        return loader.Counts;
    }
}
