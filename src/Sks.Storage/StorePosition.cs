namespace Sks.Storage;

/// <summary>Where the change log stood at the moment of a snapshot.</summary>
/// <param name="Cursor">The last change that the snapshot shows.</param>
/// <param name="ServedPolicy">The policy of whose clean views the log told then.</param>
/// <param name="IsComplete">Whether the indexes hold what they must: not so in the middle of a repair.</param>
public sealed record StorePosition(ChangeCursor Cursor, int ServedPolicy, bool IsComplete);
