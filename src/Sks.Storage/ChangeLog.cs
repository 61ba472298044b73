using System.Buffers.Binary;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>The log of committed changes, and where it stands.</summary>
/// <remarks>Written by the writer only. Readers wait on <see cref="WaitAsync"/> and then read: the signal only says "look again".</remarks>
internal sealed class ChangeLog
{
    private const int TrimEvery = 4096;
    private const int MaxTrimmed = 2 * TrimEvery;

    private readonly Database _database;
    private readonly StoreOptions _options;
    private volatile StoreState _state;
    private volatile bool _isClosed;
    private volatile TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ChangeLog(Database database, StoreOptions options, StoreState state)
    {
        _database = database;
        _options = options;
        _state = state;
    }

    /// <summary>The counters as of the last committed group.</summary>
    public StoreState State => _state;

    /// <summary>Makes a committed group visible to readers. Writer thread only.</summary>
    public void Advance(StoreState state)
    {
        _state = state;
        Interlocked.Exchange(ref _advanced, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Wakes everyone who waits: there will be no more changes.</summary>
    public void Close()
    {
        _isClosed = true;
        Advance(_state);
    }

    /// <summary>Waits until there is a change behind <paramref name="sequence"/>.</summary>
    /// <exception cref="StorageException">The store is closed.</exception>
    public async Task WaitAsync(ulong sequence, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The signal is taken before the state is read, so that an advance in between is not missed.
            Task advanced = _advanced.Task;
            if (_state.Sequence > sequence)
                return;
            if (_isClosed)
                throw new StorageException(StorageErrorKind.Closed, "The store is closed.");
            await advanced.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Committed changes behind <paramref name="sequence"/>.</summary>
    public IEnumerable<Change> Read(ulong sequence)
    {
        using Iterator iterator = _database.Rocks.NewIterator(_database[Family.Changes]);
        for (iterator.Seek(KeyCodec.Sequence(sequence + 1)); iterator.Valid(); iterator.Next())
            yield return ChangeCodec.Decode(BinaryPrimitives.ReadUInt64BigEndian(iterator.GetKeySpan()), iterator.GetValueSpan());
    }

    /// <summary>Now and then adds to a batch the removal of changes that are too old or too many. Writer thread only.</summary>
    /// <returns>The state with the new start of the log.</returns>
    public StoreState Trim(WriteBatch batch, StoreState state, DateTimeOffset now)
    {
        if (state.Sequence / TrimEvery == _state.Sequence / TrimEvery)
            return state;

        ulong keepFrom = state.Sequence > (ulong)_options.MaxChanges ? state.Sequence - (ulong)_options.MaxChanges : 0;
        ulong lastExpired = state.LogStart;
        foreach (Change change in Read(state.LogStart).Take(MaxTrimmed))
        {
            if (change.Sequence > keepFrom && change.Time >= now - _options.ChangeRetention)
                break;
            lastExpired = change.Sequence;
        }

        if (lastExpired == state.LogStart)
            return state;
        byte[] first = KeyCodec.Sequence(0);
        byte[] end = KeyCodec.Sequence(lastExpired + 1);
        batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length, _database[Family.Changes]);
        return state with { LogStart = lastExpired };
    }
}
