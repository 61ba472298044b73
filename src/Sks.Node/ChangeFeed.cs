using System.Runtime.CompilerServices;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Follows the change log.</summary>
public sealed class ChangeFeed
{
    private readonly CertificateStore _store;

    internal ChangeFeed(CertificateStore store) => _store = store;

    /// <summary>The newest change.</summary>
    public ChangeCursor Current => _store.Newest;

    /// <summary>
    /// Every change behind <paramref name="after"/>, then each new one as it commits. Ends by cancellation, or when the node closes.
    /// </summary>
    /// <param name="after">Where to begin; null for now.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <exception cref="CursorOutOfRangeException">The cursor is too old or of another incarnation, when reading begins or falls behind.</exception>
    /// <exception cref="StorageException">The node is closed.</exception>
    public async IAsyncEnumerable<Change> ReadAsync(
        ChangeCursor? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ChangeCursor cursor = after ?? _store.Newest;
        while (true)
        {
            foreach (Change change in ReadNext(cursor))
            {
                cursor = cursor with { Sequence = change.Sequence };
                yield return change;
            }

            await _store.WaitForChangeAsync(cursor.Sequence, cancellationToken).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<Change> ReadNext(ChangeCursor cursor)
    {
        // Read first, checked after: what is trimmed or replaced in between shows.
        IReadOnlyList<Change> changes = _store.ReadChanges(cursor.Sequence);
        (ChangeCursor oldest, ChangeCursor newest) = _store.Cursors;
        return cursor.Incarnation == oldest.Incarnation && cursor.Sequence >= oldest.Sequence && cursor.Sequence <= newest.Sequence
            ? changes
            : throw new CursorOutOfRangeException(oldest, newest);
    }
}
