using Sks.Storage;

namespace Sks.Node;

/// <summary>Follows the change log.</summary>
public sealed class ChangeFeed
{
    /// <summary>The newest change.</summary>
    public ChangeCursor Current => throw new NotImplementedException();

    /// <summary>Every change behind <paramref name="after"/>, then each new one as it commits. Ends only by cancellation.</summary>
    /// <param name="after">Where to begin; null for now.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <exception cref="CursorOutOfRangeException">The cursor is too old or of another incarnation.</exception>
    public IAsyncEnumerable<Change> ReadAsync(ChangeCursor? after, CancellationToken cancellationToken) => throw new NotImplementedException();
}
