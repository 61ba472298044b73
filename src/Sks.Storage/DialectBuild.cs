using System.Threading.Channels;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Brings dialects into a store that is in use: works out the digests that certificates do not have yet, then builds the tree.</summary>
/// <remarks>
/// <para>From the moment a dialect is added every change brings its digest; what was stored before is gone through by identity. Digests are handed to the writer
/// like any other change and leave no change record. When the last one is there the writer stands still while the tree is built, about half a second
/// per million certificates; from then on it follows every change.</para>
/// <para>Wherever it is cut off it begins again, and passes over what has its digest.</para>
/// </remarks>
public sealed class DialectBuild
{
    private const int MaxStepRows = 512;
    private const int MaxStepBytes = 1 << 20;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Database _database;
    private readonly Func<StoreLease> _takeLease;
    private readonly StoreWriter _writer;
    private readonly ChangeLog _log;
    private readonly IReadOnlyList<CleanViewPolicy> _policies;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _done;

    internal DialectBuild(
        Database database, Func<StoreLease> takeLease, StoreWriter writer, ChangeLog log, IReadOnlyList<CleanViewPolicy> policies, TimeProvider time)
    {
        _database = database;
        _takeLease = takeLease;
        _writer = writer;
        _log = log;
        _policies = policies;
        _time = time;
    }

    /// <summary>The dialects whose digests every change brings, by ascending profile.</summary>
    public IReadOnlyList<Dialect> Maintained => _writer.Dialects;

    /// <summary>Those of them that have a tree: every certificate has its digest.</summary>
    public IReadOnlyList<Dialect> Complete => _writer.CompleteDialects;

    /// <summary>How far it is with the dialects that are not complete; both zero when all are.</summary>
    public ViewMigrationProgress Progress
    {
        get
        {
            long done = Interlocked.Read(ref _done);
            return Complete.Count == Maintained.Count ? default : new ViewMigrationProgress(done, Math.Max(done, _log.State.Certificates));
        }
    }

    /// <summary>Has a dialect maintained from now on. Nothing to do when it is.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task AddAsync(Dialect dialect, CancellationToken cancellationToken)
    {
        if (Maintained.Contains(dialect))
            return;
        await _writer.RunExclusiveAsync(
            state =>
            {
                _writer.Maintain([.. Maintained.Append(dialect).Distinct().OrderBy(static known => known.Profile)]);
                return state;
            },
            cancellationToken).ConfigureAwait(false);
        _added.Writer.TryWrite(true);
    }

    /// <summary>Has a dialect maintained no more. Nothing to do when it is not.</summary>
    /// <exception cref="StorageException">The store is closing, or cannot be written.</exception>
    public Task DropAsync(Dialect dialect, CancellationToken cancellationToken) => !Maintained.Contains(dialect)
        ? Task.CompletedTask
        : _writer.RunExclusiveAsync(
            state =>
            {
                _writer.Maintain([.. Maintained.Where(known => known != dialect)]);
                _writer.Complete(DialectTrees.Drop(_database, dialect));
                return state;
            },
            cancellationToken);

    /// <summary>Completes dialects, those there are and those that are added. One call at a time.</summary>
    /// <param name="cancellationToken">Stops; the next call, or the next start, begins again.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (Complete.Count < Maintained.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    await BuildAsync(Maintained, cancellationToken).ConfigureAwait(false);
                }
                catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
                {
                    await Task.Delay(RetryInterval, _time, cancellationToken).ConfigureAwait(false);
                }
            }

            await _added.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BuildAsync(IReadOnlyList<Dialect> dialects, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _done, 0);
        byte[] last = [];
        while (true)
        {
            (byte[] end, int count, PreparedChange[] changes) =
                await Task.Run(() => PrepareStep(last, dialects), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                break;
            await Task.WhenAll(changes.Select(change => CommitAsync(change, dialects, cancellationToken))).ConfigureAwait(false);
            Interlocked.Add(ref _done, count);
            last = end;
        }

        await _writer.RunExclusiveAsync(state => Finish(state, dialects), cancellationToken).ConfigureAwait(false);
    }

    // Half of the cores, so that service goes on.
    private (byte[] Last, int Count, PreparedChange[] Changes) PrepareStep(byte[] last, IReadOnlyList<Dialect> dialects)
    {
        using StoreLease lease = _takeLease();
        StoreReader reader = lease.Reader;
        List<byte[]> keys = reader.ReadKeysBehind(last, MaxStepRows, MaxStepBytes);
        var changes = new PreparedChange?[keys.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) };
        Parallel.For(0, keys.Count, options, i => changes[i] = Prepare(reader, keys[i], dialects));
        return (keys.Count == 0 ? last : keys[^1], keys.Count, [.. changes.OfType<PreparedChange>()]);
    }

    // Null when there is nothing to do, or nothing that can be done: records that cannot be read are left to a check.
    private PreparedChange? Prepare(StoreReader reader, byte[] key, IReadOnlyList<Dialect> dialects)
    {
        byte[]? record = reader.ReadRow(Family.Certificates, key);
        if (record is null)
            return null;
        try
        {
            StoredCertificate stored = CertificateRecord.Decode(CertificateIdentity.Read(key), record);
            return stored.IsBehind(dialects) && StoredViews.Read(stored).Expect(_policies) is { } views
                ? PreparedChange.Create(views, stored, ChangeSource.Upgrade, dialects: dialects)
                : null;
        }
        catch (Exception e) when (e is StorageException { Kind: StorageErrorKind.Corrupt } or ArgumentException)
        {
            return null;
        }
    }

    private async Task CommitAsync(PreparedChange change, IReadOnlyList<Dialect> dialects, CancellationToken cancellationToken)
    {
        PreparedChange? pending = change;
        while (pending is not null && await _writer.CommitAsync(pending, cancellationToken).ConfigureAwait(false) != CommitResult.Committed)
        {
            // Another dialect was added meanwhile: the next round brings both.
            if (!ReferenceEquals(dialects, Maintained))
                return;
            using StoreLease lease = _takeLease();
            pending = Prepare(lease.Reader, change.Identity.Span.ToArray(), dialects);
        }
    }

    private StoreState Finish(StoreState state, IReadOnlyList<Dialect> dialects)
    {
        if (ReferenceEquals(dialects, Maintained))
            _writer.Complete(DialectTrees.Build(_database, dialects.Except(Complete)));
        return state;
    }
}
