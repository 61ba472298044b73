namespace Sks.Node.Restrictions;

/// <summary>Decides which records from outside are taken in.</summary>
internal sealed class RestrictionAdmission
{
    private readonly IReadOnlySet<NodeId> _origins;
    private readonly DateTimeOffset _now;
    private readonly int _maxErasuresPerDay;
    private readonly HashSet<NodeId> _own;
    private readonly Dictionary<(NodeId Origin, ulong Sequence), RestrictionRecord> _known;
    private readonly Dictionary<NodeId, int> _erasures;

    /// <summary>Begins with what is known.</summary>
    /// <param name="known">All entries.</param>
    /// <param name="origins">Who is honoured.</param>
    /// <param name="self">This node.</param>
    /// <param name="now">The time.</param>
    /// <param name="maxErasuresPerDay">Erasures of one origin within a day; those beyond must be confirmed.</param>
    public RestrictionAdmission(
        IReadOnlyList<RestrictionEntry> known, IReadOnlySet<NodeId> origins, NodeId self, DateTimeOffset now, int maxErasuresPerDay)
    {
        _origins = origins;
        _now = now;
        _maxErasuresPerDay = maxErasuresPerDay;
        _own = [self, .. known.Where(static entry => entry.Note.IsOwn).Select(static entry => entry.Record.Origin)];
        _known = known.ToDictionary(static entry => (entry.Record.Origin, entry.Record.Sequence), static entry => entry.Record);
        _erasures = known
            .Where(entry => entry.Record.Kind == RestrictionKind.Erase && entry.Note.Received > now - TimeSpan.FromDays(1))
            .GroupBy(static entry => entry.Record.Origin)
            .ToDictionary(static group => group.Key, static group => group.Count());
    }

    /// <summary>Those that are new.</summary>
    public List<RestrictionEntry> Admitted { get; } = [];

    /// <summary>How many were known.</summary>
    public int Unchanged { get; private set; }

    /// <summary>Those that are not taken.</summary>
    public List<(int Index, RestrictionRefusal Reason, NodeId? Origin)> Refused { get; } = [];

    /// <summary>Decides about one record.</summary>
    public void Admit(int index, ReadOnlyMemory<byte> bytes, string author, string reason)
    {
        RestrictionRecord? record = RestrictionRecord.TryRead(bytes);
        RestrictionRecord? known = record is null ? null : _known.GetValueOrDefault((record.Origin, record.Sequence));
        bool isSame = known is not null && known.Bytes.Span.SequenceEqual(bytes.Span);
        RestrictionRefusal? refusal = record switch
        {
            null => RestrictionRefusal.Unreadable,
            _ when !_own.Contains(record.Origin) && !_origins.Contains(record.Origin) => RestrictionRefusal.UnknownOrigin,
            _ when isSame => null,
            _ when !record.IsSigned() => RestrictionRefusal.BadSignature,
            _ when known is not null => RestrictionRefusal.Conflict,
            _ => null,
        };
        if (refusal is not null)
            Refused.Add((index, refusal.Value, record?.Origin));
        else if (isSame)
            Unchanged++;
        else
            Add(record!, author, reason);
    }

    private void Add(RestrictionRecord record, string author, string reason)
    {
        bool isOwn = _own.Contains(record.Origin);
        bool mustBeConfirmed = false;
        if (record.Kind == RestrictionKind.Erase && !isOwn)
        {
            int count = _erasures.GetValueOrDefault(record.Origin) + 1;
            _erasures[record.Origin] = count;
            mustBeConfirmed = count > _maxErasuresPerDay;
        }

        _known.Add((record.Origin, record.Sequence), record);
        Admitted.Add(new RestrictionEntry(record, new RestrictionNote(isOwn, _now, author, reason, mustBeConfirmed)));
    }
}
