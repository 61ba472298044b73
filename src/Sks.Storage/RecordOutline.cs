namespace Sks.Storage;

/// <summary>Where the parts of a record are, as offsets in it.</summary>
/// <param name="CleanOffset">The first clean view.</param>
/// <param name="CleanCount">How many clean views there are.</param>
/// <param name="FullOffset">Digest of the full view; 0 when there is none.</param>
/// <param name="PacketsOffset">The packets, up to the table.</param>
/// <param name="TableOffset">The packet table.</param>
/// <param name="DialectsOffset">The digests of dialects; the end of the record when there are none.</param>
internal readonly record struct RecordOutline(
    int CleanOffset, int CleanCount, int FullOffset, int PacketsOffset, int TableOffset, int DialectsOffset);
