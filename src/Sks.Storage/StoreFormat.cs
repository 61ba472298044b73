namespace Sks.Storage;

/// <summary>Version of what is on disk.</summary>
public static class StoreFormat
{
    /// <summary>The version that this release writes. Older ones are upgraded at start, newer ones refused. 2 brought clean views, 3 the partition tree, 4 the digests of dialects.</summary>
    public const uint Current = 4;
}
