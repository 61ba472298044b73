namespace Sks.Reconciliation;

/// <summary>A polynomial in one variable, called z, over the field. Immutable.</summary>
internal sealed class Polynomial
{
    private readonly FieldElement[] _coefficients;

    /// <summary>A polynomial of these coefficients, that of z^0 first; zeroes at the end do not count.</summary>
    public Polynomial(ReadOnlySpan<FieldElement> coefficients)
    {
        int length = coefficients.Length;
        while (length > 0 && coefficients[length - 1].IsZero)
            length--;
        _coefficients = coefficients[..length].ToArray();
    }

    /// <summary>1.</summary>
    public static Polynomial One { get; } = new([FieldElement.One]);

    /// <summary>The greatest power of z that is there; -1 for the polynomial 0.</summary>
    public int Degree => _coefficients.Length - 1;

    /// <summary>The coefficients, that of z^0 first; the last one is not 0.</summary>
    public ReadOnlySpan<FieldElement> Coefficients => _coefficients;

    /// <summary>The greatest common divisor, monic; 0 when both are 0.</summary>
    public static Polynomial GreatestCommonDivisor(Polynomial first, Polynomial second)
    {
        while (second.Degree >= 0)
        {
            second = second.ToMonic();
            (first, second) = (second, first.DivideByMonic(second).Remainder);
        }

        return first.Degree < 0 ? first : first.ToMonic();
    }

    /// <summary>The value at a point.</summary>
    public FieldElement Evaluate(FieldElement point)
    {
        FieldElement value = FieldElement.Zero;
        for (int i = Degree; i >= 0; i--)
            value = (value * point) + _coefficients[i];
        return value;
    }

    /// <summary>Divides with remainder.</summary>
    /// <param name="divisor">Its leading coefficient is 1.</param>
    public (Polynomial Quotient, Polynomial Remainder) DivideByMonic(Polynomial divisor)
    {
        if (Degree < divisor.Degree)
            return (new Polynomial([]), this);

        FieldElement[] rest = [.. _coefficients];
        ReduceByMonic(rest, divisor._coefficients);
        return (new Polynomial(rest.AsSpan(divisor.Degree)), new Polynomial(rest.AsSpan(0, divisor.Degree)));
    }

    /// <summary>Divides in place: the remainder is left in the lowest coefficients, as many as the divisor's degree, and the quotient above.</summary>
    /// <param name="dividend">Coefficients, that of z^0 first.</param>
    /// <param name="divisor">The same; the last is 1.</param>
    public static void ReduceByMonic(Span<FieldElement> dividend, ReadOnlySpan<FieldElement> divisor)
    {
        int degree = divisor.Length - 1;
        for (int top = dividend.Length - 1; top >= degree; top--)
        {
            FieldElement factor = dividend[top];
            Span<FieldElement> target = dividend.Slice(top - degree, degree);
            for (int i = 0; i < target.Length; i++)
                target[i] -= factor * divisor[i];
        }
    }

    private Polynomial ToMonic()
    {
        FieldElement leading = _coefficients[^1];
        if (leading == FieldElement.One)
            return this;

        FieldElement inverse = leading.Invert();
        FieldElement[] scaled = [.. _coefficients];
        foreach (ref FieldElement coefficient in scaled.AsSpan())
            coefficient *= inverse;
        return new Polynomial(scaled);
    }
}
