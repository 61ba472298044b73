namespace Sks.Reconciliation;

/// <summary>The points at which nodes are sampled: 0, -1, 1, -2, 2 and so on.</summary>
public static class SamplePoints
{
    /// <summary>The first <paramref name="count"/> points.</summary>
    public static IReadOnlyList<FieldElement> First(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => FieldElement.From(i % 2 == 0 ? i / 2 : -((i + 1) / 2)))];
}
