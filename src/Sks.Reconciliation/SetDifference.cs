namespace Sks.Reconciliation;

/// <summary>What two sets do not have in common. Both lists ascend by <see cref="ElementOrder.Numeric"/>.</summary>
/// <param name="RemoteOnly">Elements of the peer's set alone.</param>
/// <param name="LocalOnly">Elements of our own set alone.</param>
public sealed record SetDifference(IReadOnlyList<Element> RemoteOnly, IReadOnlyList<Element> LocalOnly);
