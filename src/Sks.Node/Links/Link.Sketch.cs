using Sks.OpenPgp;
using Sks.Reconciliation.Sketches;
using Sks.Storage;

namespace Sks.Node.Links;

/// <content>The sketch: built when it is asked for, kept up from then on.</content>
public sealed partial class Link
{
    // Catching up with more changes than that, and than a quarter of the set, costs more than to begin anew.
    private const ulong MinRebuildLag = 4096;
    private const ulong SaveEveryChanges = 65_536;
    private const ulong SaveSomeChanges = 1024;
    private static readonly TimeSpan SaveSomeInterval = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _sketchTurn = new(1, 1);

    // Turn holder only.
    private LinkSketch? _sketch;
    private int _builds;
    private ChangeCursor? _savedCursor;
    private DateTimeOffset _savedAt;

    /// <summary>How often the sketch was built from nothing.</summary>
    public int Builds => Volatile.Read(ref _builds);

    /// <summary>The set of now as the peer gets to see it: clean views of a policy, and phantoms. Builds the sketch when there is none: takes seconds then.</summary>
    /// <remarks>All that was committed before the call is in it, and all phantoms that were added before.</remarks>
    /// <exception cref="InvalidOperationException">No key was agreed on.</exception>
    /// <exception cref="OperationCanceledException">Also when the node closes.</exception>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task<(SketchImage Image, IDigestSet Set)> FreezeAsync(int policyVersion, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop);
        await _sketchTurn.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            while (true)
            {
                (SketchImage? image, ulong sequence) = await Task.Run(() => TryFreeze(policyVersion, either.Token), either.Token).ConfigureAwait(false);
                if (image is not null)
                    return (image, new LinkDigestSet(_store, _phantoms, policyVersion));

                // The indexes are being repaired; the log goes on when they are whole.
                await _store.WaitForChangeAsync(sequence, either.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            _sketchTurn.Release();
        }
    }

    /// <summary>Takes changes in that were committed just now. Does nothing while someone else is at the sketch, who does so then.</summary>
    internal void Follow(ChangeBatch batch)
    {
        if (!_sketchTurn.Wait(0, CancellationToken.None))
            return;
        try
        {
            if (_sketch is not { } sketch || sketch.Cursor.Sequence >= batch.After)
                return;
            if (sketch.Cursor.Sequence == batch.Before && sketch.Policy == batch.Policy)
                Apply(sketch, batch);
            else if (!TryCatchUp(sketch, isNew: false))
                _sketch = null;
        }
        finally
        {
            _sketchTurn.Release();
        }
    }

    /// <summary>Saves the sketch if that is worth it, with the place in the log that it stands at.</summary>
    /// <param name="isLast">Whether there will be no other time: the node closes.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing. What was saved before stays.</exception>
    internal async Task SaveAsync(bool isLast)
    {
        await _sketchTurn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_isRetired || _sketch is not { } sketch || !ShouldSave(sketch.Cursor, isLast))
                return;
            await WriteAsync([(LinkKeys.Sketch(Peer), sketch.Save())], CancellationToken.None).ConfigureAwait(false);
            NoteSaved(sketch.Cursor);
        }
        finally
        {
            _sketchTurn.Release();
        }
    }

    /// <summary>The sketch as it is saved, without catching up; null when there is none.</summary>
    internal byte[]? ReadSketch()
    {
        _sketchTurn.Wait(CancellationToken.None);
        try
        {
            return _sketch?.Save();
        }
        finally
        {
            _sketchTurn.Release();
        }
    }

    // Turn holder only, as all below. No image while the store is being repaired.
    private (SketchImage? Image, ulong Sequence) TryFreeze(int policy, CancellationToken cancellationToken)
    {
        LinkKey key = _key ?? throw new InvalidOperationException("No key was agreed on with the peer.");
        while (true)
        {
            _sketch ??= Load(key);
            if (_sketch is { } kept && kept.Policy == policy && TryCatchUp(kept, isNew: false))
                return (Freeze(kept), kept.Cursor.Sequence);

            _sketch = null;
            if (TryBuild(key, policy, cancellationToken, out StorePosition position) is not { } built)
                return (null, position.Cursor.Sequence);

            // The log does not tell all about views that are not served: their sketch is good until anything changes.
            if (position.ServedPolicy == policy && !TryCatchUp(built, isNew: true))
                continue;
            _sketch = built;
            return (Freeze(built), built.Cursor.Sequence);
        }
    }

    private SketchImage Freeze(LinkSketch sketch) => sketch.Freeze(_phantoms.Read(sketch.Cursor.Sequence));

    private LinkSketch? Load(LinkKey key)
    {
        LinkSketch? loaded = ReadRow(LinkKeys.Sketch(Peer)) is { } saved ? LinkSketch.Load(key, saved) : null;
        if (loaded is not null)
            NoteSaved(loaded.Cursor);
        return loaded;
    }

    private LinkSketch? TryBuild(LinkKey key, int policy, CancellationToken cancellationToken, out StorePosition position)
    {
        using StoreSnapshot snapshot = _store.TakeSnapshot();
        position = snapshot.ReadPosition();
        if (!position.IsComplete)
            return null;
        LinkSketch built = LinkSketch.Build(snapshot, position, key, policy, cancellationToken);
        Interlocked.Increment(ref _builds);
        _savedCursor = null;
        End(_phantoms.Remove(digest => snapshot.Contains(policy, digest)));
        return built;
    }

    // Whether the sketch stands at the newest change now.
    private bool TryCatchUp(LinkSketch sketch, bool isNew)
    {
        while (true)
        {
            ChangeCursor newest = _store.Newest;
            if (newest.Incarnation != sketch.Cursor.Incarnation || newest.Sequence < sketch.Cursor.Sequence)
                return false;
            ulong lag = newest.Sequence - sketch.Cursor.Sequence;
            if (lag == 0)
                return true;
            if (_store.ServedPolicy != sketch.Policy)
                return false;
            if (!isNew && lag > Math.Max(MinRebuildLag, (ulong)sketch.Count / 4))
                return false;
            if (ChangeBatch.Read(_store, sketch.Cursor.Sequence, sketch.Policy) is not { } batch)
                return false;
            Apply(sketch, batch);
        }
    }

    private void Apply(LinkSketch sketch, ChangeBatch batch)
    {
        sketch.Apply(batch);
        if (_phantoms.Count == 0)
            return;
        List<ContentDigest> ended = [];
        for (ReadOnlyMemory<byte> rest = batch.Entered; !rest.IsEmpty; rest = rest[ContentDigest.Length..])
        {
            ContentDigest digest = ContentDigest.Read(rest.Span);
            if (_phantoms.Remove(digest))
                ended.Add(digest);
        }

        End(ended);
    }

    // Their rows may outlast them: what is in the set does not become a phantom again at the next start.
    private void End(IReadOnlyList<ContentDigest> ended)
    {
        if (ended.Count == 0)
            return;
        PhantomsChanged?.Invoke(this);
        _ = ForgetAsync();

        async Task ForgetAsync()
        {
            try
            {
                await WriteAsync([.. ended.Select(one => (LinkKeys.Phantom(Peer, one), (byte[]?)null))], _stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is StorageException or OperationCanceledException)
            {
            }
        }
    }

    private bool ShouldSave(ChangeCursor cursor, bool isLast)
    {
        if (_savedCursor is not { } saved || saved.Incarnation != cursor.Incarnation)
            return true;
        ulong unsaved = cursor.Sequence - saved.Sequence;
        return (isLast && unsaved > 0)
            || unsaved >= SaveEveryChanges
            || (unsaved >= SaveSomeChanges && _time.GetUtcNow() - _savedAt >= SaveSomeInterval);
    }

    private void NoteSaved(ChangeCursor cursor)
    {
        _savedCursor = cursor;
        _savedAt = _time.GetUtcNow();
    }
}
