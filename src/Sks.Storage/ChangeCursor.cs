namespace Sks.Storage;

/// <summary>A place in the change log of one store.</summary>
/// <param name="Incarnation">
/// Names the log: random, renewed by restore and bulk build, so that a rolled-back store is not taken for its old self.
/// </param>
/// <param name="Sequence">The last change seen; 0 before the first.</param>
public readonly record struct ChangeCursor(ulong Incarnation, ulong Sequence);
