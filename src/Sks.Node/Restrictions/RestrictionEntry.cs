using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>A restriction and what is known here about it.</summary>
/// <param name="Record">What its origin has signed.</param>
/// <param name="Note">Local.</param>
public sealed record RestrictionEntry(RestrictionRecord Record, RestrictionNote Note)
{
    /// <summary>How long a foreign erasure only hides, so that a mistake can be taken back.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    /// <summary>When the bytes are purged: null for a block or retraction, and while a foreign erasure waits for confirmation.</summary>
    public DateTimeOffset? PurgeTime => this switch
    {
        { Record.Kind: not RestrictionKind.Erase } => null,
        { Note.IsOwn: true } => Note.Received,
        { Note.Confirmed: { } confirmed } => confirmed,
        { Note.MustBeConfirmed: true } => null,
        _ => Note.Received + Grace,
    };

    /// <summary>Whether it is an erasure that so far only hides.</summary>
    public bool IsPending(DateTimeOffset now) => Record.Kind == RestrictionKind.Erase && !(PurgeTime <= now);

    /// <summary>Reads what the store holds.</summary>
    /// <exception cref="StorageException">A restriction is damaged: nothing may be served, as it might be what must not be.</exception>
    internal static List<RestrictionEntry> ReadAll(IEnumerable<RestrictionRow> rows) =>
        [.. rows.Select(static row => TryRead(row) ?? throw new StorageException(StorageErrorKind.Corrupt, "A restriction in the store is damaged."))];

    /// <summary>As it lies in the store.</summary>
    internal RestrictionRow ToRow() => new(Record.Origin.ToArray(), Record.Sequence, Record.Bytes, Note.Encode());

    private static RestrictionEntry? TryRead(RestrictionRow row) =>
        RestrictionRecord.TryRead(row.Record) is { } record
        && RestrictionNote.TryRead(row.Note.Span) is { } note
        && record.Sequence == row.Sequence
        && record.Origin == NodeId.Read(row.Origin.Span)
            ? new RestrictionEntry(record, note)
            : null;
}
