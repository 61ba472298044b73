namespace Sks.Reconciliation;

/// <summary>Finds a fraction of two monic polynomials by its values.</summary>
internal static class RationalInterpolation
{
    /// <summary>Finds the fraction, reduced to lowest terms; false when there is none of these degrees.</summary>
    /// <remarks>
    /// Where the fraction has lower degrees (by the same number above and below) the equations leave unknowns free. Every solution is that fraction
    /// then, expanded: both polynomials have a factor in common that reduction removes.
    /// </remarks>
    /// <param name="points">Where the values are taken, all different: as many as both degrees together.</param>
    /// <param name="values">The value at each point.</param>
    /// <param name="numeratorDegree">The numerator's degree before reduction.</param>
    /// <param name="denominatorDegree">The denominator's degree before reduction.</param>
    /// <param name="numerator">The numerator, monic.</param>
    /// <param name="denominator">The denominator, monic.</param>
    public static bool TryInterpolate(
        ReadOnlySpan<FieldElement> points,
        ReadOnlySpan<FieldElement> values,
        int numeratorDegree,
        int denominatorDegree,
        out Polynomial numerator,
        out Polynomial denominator)
    {
        numerator = denominator = Polynomial.One;
        int unknowns = numeratorDegree + denominatorDegree;
        var rows = new FieldElement[points.Length][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = CreateRow(points[i], values[i], numeratorDegree, denominatorDegree);
        if (!LinearSystem.TrySolve(rows, unknowns, out FieldElement[] solution))
            return false;

        var expandedNumerator = new Polynomial([.. solution.AsSpan(0, numeratorDegree), FieldElement.One]);
        var expandedDenominator = new Polynomial([.. solution.AsSpan(numeratorDegree), FieldElement.One]);
        Polynomial common = Polynomial.GreatestCommonDivisor(expandedNumerator, expandedDenominator);
        numerator = expandedNumerator.DivideByMonic(common).Quotient;
        denominator = expandedDenominator.DivideByMonic(common).Quotient;
        return true;
    }

    // A(x) = v B(x) with the leading coefficients, which are 1, on the right: the unknowns are the others, A's first.
    private static FieldElement[] CreateRow(FieldElement point, FieldElement value, int numeratorDegree, int denominatorDegree)
    {
        var row = new FieldElement[numeratorDegree + denominatorDegree + 1];
        FieldElement power = FieldElement.One;
        for (int i = 0; i < numeratorDegree; i++)
        {
            row[i] = power;
            power *= point;
        }

        row[^1] = FieldElement.Zero - power;
        power = value;
        for (int i = 0; i < denominatorDegree; i++)
        {
            row[numeratorDegree + i] = FieldElement.Zero - power;
            power *= point;
        }

        row[^1] += power;
        return row;
    }
}
