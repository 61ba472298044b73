using System.Collections.Concurrent;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>Issues restrictions, takes in those of others, and sees to it that they have their effect.</summary>
/// <remarks>
/// One at a time. A restriction is written together with the removal of what it hits, and from then on nothing it hits is taken in or served.
/// Purging follows and does not hold up the next one. What must not be stored and is there all the same (after a restore, or when the
/// process died between two batches) is hidden from the start and removed soon after.
/// </remarks>
public sealed class RestrictionService : IAsyncDisposable
{
    private const int MaxForeignErasuresPerDay = 100;
    private const int RowsPerBatch = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CertificateStore _store;
    private readonly IReadOnlySet<NodeId> _origins;
    private readonly NodeIdentity _identity;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _purgeTurn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<object, Action> _purges = [];
    private readonly HashSet<(NodeId Origin, ulong Sequence)> _sought = [];
    private readonly RestrictionSignal _signal = new();
    private volatile RestrictionState _state;
    private ITimer? _timer;
    private Task _background = Task.CompletedTask;
    private int _disposed;

    internal RestrictionService(CertificateStore store, NodeIdentity identity, RestrictionOptions options, TimeProvider time)
    {
        _store = store;
        _identity = identity;
        _origins = options.ReadOrigins();
        _time = time;
        _state = CreateState(RestrictionEntry.ReadAll(store.ReadRestrictions()));
    }

    /// <summary>Who issues restrictions here.</summary>
    public NodeId Origin => _identity.Id;

    /// <summary>Whether erased bytes may still be on disk.</summary>
    public bool NeedsPurge => _store.NeedsPurge;

    /// <summary>The restrictions of now.</summary>
    internal RestrictionState State => _state;

    /// <summary>Whose restrictions are honoured here besides this node's own.</summary>
    internal IReadOnlySet<NodeId> Honoured => _origins;

    /// <summary>Every restriction that was ever issued or taken in, retractions included, in the order of arrival: the audit trail.</summary>
    public IReadOnlyList<RestrictionEntry> ReadAll() =>
        [.. _state.Entries.OrderBy(static entry => entry.Note.Received).ThenBy(static entry => entry.Record.Sequence)];

    /// <summary>Those that hold now, in the order of arrival.</summary>
    public IReadOnlyList<RestrictionEntry> ReadInForce() =>
        [.. _state.InForce.OrderBy(static entry => entry.Note.Received).ThenBy(static entry => entry.Record.Sequence)];

    /// <summary>Issues a restriction of this node. Answers when it has its effect; after an erasure also when the bytes are purged.</summary>
    /// <param name="kind">What is demanded.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="author">Who demands it; stays here. At most <see cref="RestrictionNote.MaxTextBytes"/>, as the reason.</param>
    /// <param name="reason">Why; stays here.</param>
    /// <param name="cancellationToken">Stops between two steps; what is issued holds.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<RestrictionResult> IssueAsync(
        RestrictionKind kind, RestrictionSubject subject, string author, string reason, CancellationToken cancellationToken)
    {
        RestrictionResult result;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RestrictionEntry? current = _state.InForce.FirstOrDefault(entry => entry.Note.IsOwn && entry.Record.Subject == subject);
            if (kind == RestrictionKind.Retract && current is null)
                return new RestrictionResult(RestrictionStatus.NotRestricted, OtherOrigins: FindOtherOrigins(subject));
            if (kind == RestrictionKind.Block && current?.Record.Kind == RestrictionKind.Erase)
                return new RestrictionResult(RestrictionStatus.AlreadyErased);

            DateTimeOffset now = _time.GetUtcNow();
            RestrictionRecord record = RestrictionRecord.Create(_identity, NextSequence(now), now, kind, subject);
            var entry = new RestrictionEntry(record, new RestrictionNote(true, now, author, reason));
            RestrictionSweep sweep = await WriteAsync([entry], cancellationToken).ConfigureAwait(false);
            await SeekAsync(sweep, cancellationToken).ConfigureAwait(false);
            result = new RestrictionResult(RestrictionStatus.Done, entry, sweep.Removed, sweep.Rewritten, FindOtherOrigins(subject));
        }
        finally
        {
            _turn.Release();
        }

        return kind == RestrictionKind.Erase
            ? result with { Purge = await PurgeAsync(cancellationToken).ConfigureAwait(false) }
            : result;
    }

    /// <summary>Takes in records of this node and of origins that are honoured, and purges. Those that are known do no harm.</summary>
    /// <param name="records">Encoded records, see <see cref="RestrictionRecord"/>.</param>
    /// <param name="author">Who takes them in; stays here.</param>
    /// <param name="reason">Why; stays here.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<RestrictionImport> ImportAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> records, string author, string reason, CancellationToken cancellationToken)
    {
        RestrictionImport result = await AdmitAsync(records, author, reason, cancellationToken).ConfigureAwait(false);
        return NeedsPurge ? result with { Purge = await PurgeAsync(cancellationToken).ConfigureAwait(false) } : result;
    }

    /// <summary>As <see cref="ImportAsync"/>, without purging: that follows within the hour.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    internal async Task<RestrictionImport> AdmitAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> records, string author, string reason, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var admission = new RestrictionAdmission(_state.Entries, _origins, _identity.Id, _time.GetUtcNow(), MaxForeignErasuresPerDay);
            for (int i = 0; i < records.Count; i++)
                admission.Admit(i, records[i], author, reason);

            (long removed, long rewritten) = (0, 0);
            foreach (RestrictionEntry[] entries in admission.Admitted.Chunk(RowsPerBatch))
            {
                RestrictionSweep sweep = await WriteAsync(entries, cancellationToken).ConfigureAwait(false);
                removed += sweep.Removed;
                rewritten += sweep.Rewritten;
            }

            var last = new RestrictionSweep(_store, _state);
            await SeekAsync(last, cancellationToken).ConfigureAwait(false);
            removed += last.Removed;
            rewritten += last.Rewritten;
            DateTimeOffset now = _time.GetUtcNow();
            int pending = admission.Admitted.Count(entry => entry.IsPending(now));
            return new RestrictionImport(admission.Admitted.Count, admission.Unchanged, admission.Refused, removed, rewritten, pending, null);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Has a foreign erasure that only hides purge now.</summary>
    /// <param name="origin">Who issued it.</param>
    /// <param name="sequence">Which one.</param>
    /// <param name="author">Who confirms; stays here.</param>
    /// <param name="cancellationToken">Stops between two steps; what is confirmed is.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<RestrictionResult> ConfirmAsync(NodeId origin, ulong sequence, string author, CancellationToken cancellationToken)
    {
        RestrictionResult result;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            DateTimeOffset now = _time.GetUtcNow();
            RestrictionEntry? entry = _state.InForce.FirstOrDefault(
                candidate => candidate.Record.Origin == origin && candidate.Record.Sequence == sequence && candidate.IsPending(now));
            if (entry is null)
                return new RestrictionResult(RestrictionStatus.NothingToConfirm);
            entry = entry with { Note = entry.Note with { Confirmed = now, ConfirmedBy = author } };
            RestrictionSweep sweep = await WriteAsync([entry], cancellationToken).ConfigureAwait(false);
            await SeekAsync(sweep, cancellationToken).ConfigureAwait(false);
            result = new RestrictionResult(RestrictionStatus.Done, entry, sweep.Removed, sweep.Rewritten, FindOtherOrigins(entry.Record.Subject));
        }
        finally
        {
            _turn.Release();
        }

        return result with { Purge = await PurgeAsync(cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Has more removed with every purge than the store: what an adapter has kept of what came in.</summary>
    /// <param name="purge">Removes it; when it fails, the purge does, and is tried again.</param>
    /// <returns>Ends it.</returns>
    public IDisposable AlsoPurge(Action purge)
    {
        var key = new object();
        _purges.TryAdd(key, purge);
        return new Registration(() => _purges.TryRemove(key, out _));
    }

    /// <summary>Makes erased bytes disappear from the disk; nothing to do when there are none.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<PurgeResult> PurgeAsync(CancellationToken cancellationToken)
    {
        await _purgeTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!NeedsPurge)
                return new PurgeResult(true, []);
            foreach (Action purge in _purges.Values)
                purge();
            return await _store.PurgeAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _purgeTurn.Release();
        }
    }

    /// <summary>What may be shown of a stored certificate: the same object when nothing in it is restricted, null when nothing may.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    internal StoredCertificate? Restrict(StoredCertificate stored)
    {
        RestrictionSet hidden = _state.Hidden;
        if (hidden.IsEmpty)
            return stored;
        (bool isRestricted, CertificateViews? left) = hidden.Apply(stored, _store.Policies);
        return isRestricted ? left is null ? null : stored.With(left) : stored;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_timer is not null)
            await _timer.DisposeAsync().ConfigureAwait(false);
        _store.StopPurging();
        await _background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Ends when restrictions were written since <paramref name="version"/>, at once for 0; returns the version of now.</summary>
    internal Task<long> WaitForChangeAsync(long version, CancellationToken cancellationToken) => _signal.WaitAsync(version, cancellationToken);

    /// <summary>Begins to remove what must not be stored: now, and then every hour what has become due.</summary>
    internal void Start()
    {
        if (_state.Entries.Count > 0 || NeedsPurge)
            _background = Task.Run(() => TryRunDueAsync(_stop.Token));
        _timer = _time.CreateTimer(_ => Continue(), null, Interval, Interval);
    }

    /// <summary>Removes and purges what must not be stored by now.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    internal async Task RunDueAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _state = CreateState(_state.Entries);
            DateTimeOffset now = _time.GetUtcNow();
            foreach (RestrictionEntry[] erasures in _state.InForce.Where(entry => NeedsMark(entry, now)).Chunk(RowsPerBatch))
                await WriteAsync(erasures, cancellationToken).ConfigureAwait(false);

            var sweep = new RestrictionSweep(_store, _state);
            List<RestrictionSubject> subjects = [.. _state.InForce.Where(entry => !entry.IsPending(now)).Select(static entry => entry.Record.Subject)];
            await sweep.RunAsync([], subjects, false, static () => { }, cancellationToken).ConfigureAwait(false);
            await SeekAsync(sweep, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        await PurgeAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Continue()
    {
        if (_background.IsCompleted && !_stop.IsCancellationRequested && (_state.InForce.Count > 0 || NeedsPurge))
            _background = Task.Run(() => TryRunDueAsync(_stop.Token));
    }

    // A full disk or an old reader: it is tried again within the hour, and what must not be served is hidden meanwhile.
    private async Task TryRunDueAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunDueAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException)
        {
        }
    }

    // Turn holder only.
    private async Task<RestrictionSweep> WriteAsync(IReadOnlyList<RestrictionEntry> entries, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        entries = [.. entries.Select(entry => NeedsMark(entry, now) ? entry with { Note = entry.Note with { IsPurgeNoted = true } } : entry)];
        HashSet<(NodeId, ulong)> written = [.. entries.Select(IdOf)];
        RestrictionState next = CreateState([.. _state.Entries.Where(entry => !written.Contains(IdOf(entry))), .. entries]);
        List<RestrictionEntry> effective = [.. next.InForce.Where(entry => written.Contains(IdOf(entry)) && !entry.IsPending(now))];
        List<RestrictionSubject> subjects = [.. effective.Select(static entry => entry.Record.Subject)];

        var sweep = new RestrictionSweep(_store, next);
        await sweep.RunAsync(
            [.. entries.Select(static entry => entry.ToRow())],
            subjects,
            effective.Exists(static entry => entry.Record.Kind == RestrictionKind.Erase),
            () => Install(next with { Version = _store.RestrictionVersion }),
            cancellationToken).ConfigureAwait(false);

        // What came in after the look at the indexes and before the restriction; from here on nothing does.
        await sweep.RunAsync([], subjects, false, static () => { }, cancellationToken).ConfigureAwait(false);
        return sweep;
    }

    private void Install(RestrictionState state)
    {
        _state = state;
        _signal.Raise();
    }

    // Turn holder only. The indexes do not know every place where an address may stand, so all certificates are looked at: once for each
    // restriction of an identity since the start, when it is due.
    private async Task SeekAsync(RestrictionSweep sweep, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        List<(NodeId, ulong)> unsought =
        [
            .. _state.InForce
                .Where(entry => entry.Record.Subject is RestrictionSubject.Identity && !entry.IsPending(now)).Select(IdOf)
                .Where(id => !_sought.Contains(id)),
        ];
        if (unsought.Count == 0)
            return;
        await sweep.RunThroughAllAsync(cancellationToken).ConfigureAwait(false);
        _sought.UnionWith(unsought);
    }

    private static (NodeId Origin, ulong Sequence) IdOf(RestrictionEntry entry) => (entry.Record.Origin, entry.Record.Sequence);

    // What an erasure hits may have been removed long before, by a block, and lie in the files still.
    private static bool NeedsMark(RestrictionEntry entry, DateTimeOffset now) =>
        entry.Record.Kind == RestrictionKind.Erase && !entry.IsPending(now) && !entry.Note.IsPurgeNoted;

    private RestrictionState CreateState(IReadOnlyList<RestrictionEntry> entries) =>
        RestrictionState.Create(entries, _origins, _time.GetUtcNow(), _store.RestrictionVersion);

    private ulong NextSequence(DateTimeOffset now)
    {
        ulong last = _state.Entries.Where(static entry => entry.Note.IsOwn).Select(static entry => entry.Record.Sequence).DefaultIfEmpty().Max();
        return Math.Max(last + 1, (ulong)now.ToUnixTimeMilliseconds());
    }

    private List<NodeId> FindOtherOrigins(RestrictionSubject subject) =>
        [.. _state.InForce.Where(entry => !entry.Note.IsOwn && entry.Record.Subject == subject).Select(static entry => entry.Record.Origin)];

    private sealed class Registration(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
