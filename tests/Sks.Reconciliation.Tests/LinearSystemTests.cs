namespace Sks.Reconciliation.Tests;

/// <summary>Equations with one solution, with many, and with none.</summary>
public sealed class LinearSystemTests
{
    [Fact]
    public void One_solution_is_found()
    {
        Assert.True(TrySolve([[0, 2, 6], [5, 1, 13]], out FieldElement[] solution));
        Assert.Equal([FieldElement.From(2), FieldElement.From(3)], solution);
    }

    [Fact]
    public void An_unknown_that_is_free_is_zero()
    {
        Assert.True(TrySolve([[0, 1, 1, 4], [0, 2, 3, 11]], out FieldElement[] solution));
        Assert.Equal([FieldElement.Zero, FieldElement.From(1), FieldElement.From(3)], solution);

        Assert.True(TrySolve([[1, 1, 4], [2, 2, 8]], out solution));
        Assert.Equal([FieldElement.From(4), FieldElement.Zero], solution);
    }

    [Fact]
    public void Equations_that_contradict_each_other_have_no_solution() => Assert.False(TrySolve([[1, 1, 4], [2, 2, 9]], out _));

    [Fact]
    public void No_equations_of_no_unknowns_have_a_solution()
    {
        Assert.True(LinearSystem.TrySolve([], 0, out FieldElement[] solution));
        Assert.Empty(solution);
    }

    private static bool TrySolve(int[][] rows, out FieldElement[] solution) => LinearSystem.TrySolve(
        [.. rows.Select(static row => row.Select(FieldElement.From).ToArray())], rows[0].Length - 1, out solution);
}
