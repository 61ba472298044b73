namespace Sks.Reconciliation;

/// <summary>Finds the roots of polynomials that are products of different linear factors, by Cantor's and Zassenhaus's method.</summary>
/// <remarks>
/// (z + a)^((p-1)/2) is 1 at about half of the roots and -1 at the others, whichever a random a chooses. The same power tells whether the polynomial is
/// such a product at all: its square times z + a is (z + a)^p, which is z + a modulo those and no others.
/// </remarks>
internal static class RootFinder
{
    // (p - 1) / 2: the power that tells squares from others.
    private static readonly UInt128 HalfOrder = new(0xc78e887243c58fef, 0xe48fc2ec9852a18d);

    // (p + 1) / 4: the power of a square that is its root, as p is 3 modulo 4.
    private static readonly UInt128 RootExponent = new(0x63c7443921e2c7f7, 0xf247e1764c2950c7);

    private static readonly FieldElement Half = FieldElement.From(2).Invert();

    // Of a product of three or more factors an attempt splits three in four, so this many never fail.
    private const int MaxAttempts = 64;

    /// <summary>Finds all roots, in no particular order; false when the polynomial is no product of different linear factors.</summary>
    /// <param name="polynomial">Monic.</param>
    /// <param name="drawShift">Gives a random number each time. The roots do not depend on it; that they are found fast does.</param>
    /// <param name="roots">As many as the degree.</param>
    public static bool TryFind(Polynomial polynomial, Func<FieldElement> drawShift, out IReadOnlyList<FieldElement> roots)
    {
        var found = new List<FieldElement>();
        roots = found;
        var open = new Stack<Polynomial>([polynomial]);
        while (open.TryPop(out Polynomial? factor))
        {
            if (factor.Degree <= 2)
            {
                if (!TryAddRoots(factor.Coefficients, found))
                    return false;
            }
            else if (TrySplit(factor, drawShift, out Polynomial first, out Polynomial second))
            {
                open.Push(first);
                open.Push(second);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static bool TrySplit(Polynomial polynomial, Func<FieldElement> drawShift, out Polynomial first, out Polynomial second)
    {
        var ring = new ResidueRing(polynomial);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            FieldElement shift = drawShift();
            Polynomial power = ring.PowerOfShifted(shift, HalfOrder);
            if (!ring.IsSquareRootOfOneBut(power, shift))
                break;

            first = Polynomial.GreatestCommonDivisor(polynomial, SubtractOne(power));
            if (first.Degree > 0 && first.Degree < polynomial.Degree)
            {
                second = polynomial.DivideByMonic(first).Quotient;
                return true;
            }
        }

        first = second = Polynomial.One;
        return false;
    }

    private static Polynomial SubtractOne(Polynomial polynomial)
    {
        FieldElement[] coefficients = polynomial.Degree < 0 ? [FieldElement.Zero] : [.. polynomial.Coefficients];
        coefficients[0] -= FieldElement.One;
        return new Polynomial(coefficients);
    }

    private static bool TryAddRoots(ReadOnlySpan<FieldElement> coefficients, List<FieldElement> roots)
    {
        if (coefficients.Length == 2)
            roots.Add(FieldElement.Zero - coefficients[0]);
        if (coefficients.Length <= 2)
            return true;

        // z^2 + b z + c
        FieldElement middle = FieldElement.Zero - (coefficients[1] * Half);
        FieldElement square = (middle * middle) - coefficients[0];
        FieldElement distance = square.Pow(RootExponent);
        if (square.IsZero || distance * distance != square)
            return false;

        roots.Add(middle + distance);
        roots.Add(middle - distance);
        return true;
    }
}
