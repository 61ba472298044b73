using Sks.Storage;

namespace Sks.Node;

/// <summary>A cursor that the change log cannot go on from: start over from a full read.</summary>
/// <param name="oldest">The oldest cursor that can be used.</param>
/// <param name="newest">The newest one.</param>
public sealed class CursorOutOfRangeException(ChangeCursor oldest, ChangeCursor newest)
    : Exception("The cursor is too old, or belongs to another incarnation of this store.")
{
    /// <summary>The oldest cursor that can be used.</summary>
    public ChangeCursor Oldest { get; } = oldest;

    /// <summary>The newest cursor.</summary>
    public ChangeCursor Newest { get; } = newest;
}
