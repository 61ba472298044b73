namespace Sks.Reconciliation;

/// <summary>Linear equations over the field.</summary>
internal static class LinearSystem
{
    /// <summary>Finds a solution by elimination; false when there is none. Of several, the one in which every free unknown is 0.</summary>
    /// <param name="rows">An equation each: the coefficients and then the right-hand side. They are changed.</param>
    /// <param name="unknowns">How many unknowns; every row has one number more.</param>
    /// <param name="solution">The value of each unknown.</param>
    public static bool TrySolve(FieldElement[][] rows, int unknowns, out FieldElement[] solution)
    {
        solution = new FieldElement[unknowns];
        var pivotColumns = new List<int>();
        for (int column = 0; column < unknowns && pivotColumns.Count < rows.Length; column++)
        {
            int rank = pivotColumns.Count;
            int pivot = Array.FindIndex(rows, rank, row => !row[column].IsZero);
            if (pivot < 0)
                continue; // a free unknown

            (rows[rank], rows[pivot]) = (rows[pivot], rows[rank]);
            Eliminate(rows, rank, column);
            pivotColumns.Add(column);
        }

        for (int row = 0; row < pivotColumns.Count; row++)
            solution[pivotColumns[row]] = rows[row][unknowns];

        // What is left has no unknowns: it says that 0 is the right-hand side.
        return Array.FindIndex(rows, pivotColumns.Count, static row => !row[^1].IsZero) < 0;
    }

    // Makes the pivot 1, and the column 0 in all other rows.
    private static void Eliminate(FieldElement[][] rows, int pivot, int column)
    {
        Span<FieldElement> source = rows[pivot].AsSpan(column);
        FieldElement inverse = source[0].Invert();
        foreach (ref FieldElement coefficient in source)
            coefficient *= inverse;

        for (int row = 0; row < rows.Length; row++)
        {
            Span<FieldElement> target = rows[row].AsSpan(column);
            FieldElement factor = target[0];
            if (row == pivot || factor.IsZero)
                continue;
            for (int i = 0; i < target.Length; i++)
                target[i] -= factor * source[i];
        }
    }
}
