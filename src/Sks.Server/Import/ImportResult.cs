using System.Text.Json.Serialization;

namespace Sks.Server.Import;

/// <summary>A rejected certificate.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Fingerprint">Upper case hex, when it could be read.</param>
internal sealed record RejectionExample(string File, string? Fingerprint);

/// <summary>The certificates that were rejected for one reason.</summary>
internal sealed record RejectionGroup(string Reason, long Count, IReadOnlyList<RejectionExample> Examples);

/// <summary>What an import came to.</summary>
/// <param name="Rejections">By reason, most frequent first.</param>
/// <param name="Unreadable">Files that could not be read, or not to their end.</param>
internal sealed record ImportResult(
    long Added,
    long Updated,
    long Unchanged,
    long Rejected,
    long Bytes,
    IReadOnlyList<RejectionGroup> Rejections,
    IReadOnlyList<UnreadablePath> Unreadable)
{
    /// <summary>Files that an import which was cut off had read, and that were not read again. What was rejected in them was told then, if at all.</summary>
    public int Resumed { get; init; }

    /// <summary>The line that scripts look for, always the last one.</summary>
    [JsonIgnore]
    public string LastLine => $"imported: {Added} added, {Updated} updated, {Unchanged} unchanged, {Rejected} rejected";

    /// <summary>Whether everything could be read and something of it is now stored.</summary>
    [JsonIgnore]
    public bool IsSuccess => Unreadable.Count == 0 && Added + Updated + Unchanged + Resumed > 0;
}
