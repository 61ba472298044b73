namespace Sks.Reconciliation;

/// <summary>Arithmetic modulo one polynomial. Not for several threads at once: it works in a buffer of its own.</summary>
/// <param name="modulus">Monic, of degree 1 or more.</param>
internal sealed class ResidueRing(Polynomial modulus)
{
    private readonly FieldElement[] _residue = new FieldElement[modulus.Degree];
    private readonly FieldElement[] _product = new FieldElement[2 * modulus.Degree];

    /// <summary>(z + <paramref name="shift"/>) to the power of <paramref name="exponent"/>.</summary>
    public Polynomial PowerOfShifted(FieldElement shift, UInt128 exponent)
    {
        SetToOne();
        for (int bit = 127 - (int)UInt128.LeadingZeroCount(exponent); bit >= 0; bit--)
        {
            Square();
            if (((exponent >> bit) & 1) != 0)
                MultiplyByShifted(shift);
        }

        return new Polynomial(_residue);
    }

    /// <summary>Whether <paramref name="residue"/>^2 (z + <paramref name="shift"/>) is z + <paramref name="shift"/>.</summary>
    public bool IsSquareRootOfOneBut(Polynomial residue, FieldElement shift)
    {
        Array.Clear(_residue);
        residue.Coefficients.CopyTo(_residue);
        Square();
        MultiplyByShifted(shift);
        var product = new Polynomial(_residue);

        SetToOne();
        MultiplyByShifted(shift);
        return product.Coefficients.SequenceEqual(new Polynomial(_residue).Coefficients);
    }

    private void SetToOne()
    {
        Array.Clear(_residue);
        _residue[0] = FieldElement.One;
    }

    private void Square()
    {
        Span<FieldElement> product = _product;
        product.Clear();
        ReadOnlySpan<FieldElement> residue = _residue;
        for (int i = 0; i < residue.Length; i++)
        {
            for (int j = i + 1; j < residue.Length; j++)
                product[i + j] += residue[i] * residue[j];
        }

        for (int i = 0; i < product.Length; i++)
            product[i] += product[i];
        for (int i = 0; i < residue.Length; i++)
            product[2 * i] += residue[i] * residue[i];

        // The last coefficient is 0: a square has one coefficient less than the buffer.
        Polynomial.ReduceByMonic(product[..^1], modulus.Coefficients);
        product[..residue.Length].CopyTo(_residue);
    }

    private void MultiplyByShifted(FieldElement shift)
    {
        Span<FieldElement> product = _product.AsSpan(0, _residue.Length + 1);
        product[0] = FieldElement.Zero;
        _residue.CopyTo(product[1..]);
        for (int i = 0; i < _residue.Length; i++)
            product[i] += shift * _residue[i];
        Polynomial.ReduceByMonic(product, modulus.Coefficients);
        product[..^1].CopyTo(_residue);
    }
}
