using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Sks.Reconciliation;

/// <summary>A number modulo the 129-bit prime 530512889551602322505127520352579437339, in which SKS reconciles.</summary>
/// <remarks>
/// Held in Montgomery form with R = 2^128: two limbs and one bit. The prime is greater than R, so that a product that has been reduced once is
/// below three times the prime and takes up to two subtractions.
/// </remarks>
public readonly struct FieldElement : IEquatable<FieldElement>
{
    /// <summary>Bytes on the wire: little-endian.</summary>
    public const int Length = 17;

    private const ulong P0 = 0xc91f85d930a5431b;
    private const ulong P1 = 0x8f1d10e4878b1fdf;
    private const ulong P2 = 1;

    // Minus the inverse of the prime modulo 2^64.
    private static readonly ulong NegatedInverse = InvertNegated(P0);

    // R and R^2 modulo the prime, not in Montgomery form.
    private static readonly FieldElement MontgomeryOne = Double(new(1, 0, 0), 128);
    private static readonly FieldElement MontgomerySquare = Double(new(1, 0, 0), 256);

    private readonly ulong _low;
    private readonly ulong _high;
    private readonly ulong _top;

    private FieldElement(ulong low, ulong high, ulong top)
    {
        _low = low;
        _high = high;
        _top = top;
    }

    /// <summary>0.</summary>
    public static FieldElement Zero => default;

    /// <summary>1.</summary>
    public static FieldElement One => MontgomeryOne;

    /// <summary>Whether it is 0.</summary>
    public bool IsZero => (_low | _high | _top) == 0;

    /// <summary>The number that stands for an element: its bytes read little-endian.</summary>
    public static FieldElement From(Element element)
    {
        Span<byte> bytes = stackalloc byte[Element.Length];
        element.Write(bytes);
        return new FieldElement(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), 0) * MontgomerySquare;
    }

    /// <summary>A small number, which may be negative.</summary>
    public static FieldElement From(int number) => number < 0
        ? Zero - From(-number)
        : new FieldElement((ulong)number, 0, 0) * MontgomerySquare;

    /// <summary>Reads the first 17 bytes of <paramref name="source"/>, little-endian; false when the number is not below the prime.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FieldElement value)
    {
        var plain = new FieldElement(
            BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[8..]), source[16]);
        bool isBelow = IsBelowPrime(plain._low, plain._high, plain._top);
        value = isBelow ? plain * MontgomerySquare : default;
        return isBelow;
    }

    /// <summary>The element that the number stands for; false when it is 2^128 or greater, which none does.</summary>
    public bool TryGetElement(out Element element)
    {
        FieldElement plain = ToPlain();
        Span<byte> bytes = stackalloc byte[Element.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, plain._low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], plain._high);
        element = Element.Read(bytes);
        return plain._top == 0;
    }

    /// <summary>Writes 17 bytes, little-endian.</summary>
    public void Write(Span<byte> destination)
    {
        FieldElement plain = ToPlain();
        BinaryPrimitives.WriteUInt64LittleEndian(destination, plain._low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], plain._high);
        destination[16] = (byte)plain._top;
    }

    /// <summary>The sum.</summary>
    public static FieldElement operator +(FieldElement left, FieldElement right)
    {
        UInt128 low = (UInt128)left._low + right._low;
        UInt128 high = (UInt128)left._high + right._high + (ulong)(low >> 64);
        return Reduce((ulong)low, (ulong)high, left._top + right._top + (ulong)(high >> 64));
    }

    /// <summary>The difference.</summary>
    public static FieldElement operator -(FieldElement left, FieldElement right)
    {
        if (right.IsZero)
            return left;
        (ulong low, ulong high, ulong top) = Subtract(P0, P1, P2, right);
        return left + new FieldElement(low, high, top);
    }

    /// <summary>The product.</summary>
    public static FieldElement operator *(FieldElement left, FieldElement right)
    {
        // Five limbs of product; the top limbs are 0 or 1.
        Span<ulong> product = stackalloc ulong[6];
        product.Clear();
        AddProduct(product, left._low, right);
        AddProduct(product[1..], left._high, right);
        AddProduct(product[2..], left._top, right);
        var prime = new FieldElement(P0, P1, P2);
        AddProduct(product, product[0] * NegatedInverse, prime);
        AddProduct(product[1..], product[1] * NegatedInverse, prime);
        return Reduce(product[2], product[3], product[4]);
    }

    /// <summary>Whether both are the same number.</summary>
    public static bool operator ==(FieldElement left, FieldElement right) => left.Equals(right);

    /// <summary>Whether they are different numbers.</summary>
    public static bool operator !=(FieldElement left, FieldElement right) => !left.Equals(right);

    /// <summary>The inverse.</summary>
    /// <exception cref="DivideByZeroException">The number is 0.</exception>
    public FieldElement Invert()
    {
        if (IsZero)
            throw new DivideByZeroException();

        // Fermat: x^(p - 2).
        FieldElement result = One;
        ReadOnlySpan<ulong> exponent = [P0 - 2, P1, P2];
        for (int bit = 128; bit >= 0; bit--)
        {
            result *= result;
            if (((exponent[bit / 64] >> (bit % 64)) & 1) != 0)
                result *= this;
        }

        return result;
    }

    /// <inheritdoc/>
    public bool Equals(FieldElement other) => _low == other._low && _high == other._high && _top == other._top;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldElement other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_low, _high);

    /// <summary>The number in decimal digits.</summary>
    public override string ToString()
    {
        FieldElement plain = ToPlain();
        return (((System.Numerics.BigInteger)plain._top << 128) + new UInt128(plain._high, plain._low)).ToString(null, null);
    }

    private static FieldElement Double(FieldElement value, int times)
    {
        for (int i = 0; i < times; i++)
            value += value;
        return value;
    }

    private static ulong InvertNegated(ulong odd)
    {
        ulong inverse = odd;
        for (int i = 0; i < 5; i++)
            inverse *= 2 - (odd * inverse);
        return 0 - inverse;
    }

    private static void AddProduct(Span<ulong> sum, ulong factor, FieldElement value)
    {
        UInt128 carry = ((UInt128)factor * value._low) + sum[0];
        sum[0] = (ulong)carry;
        carry = ((UInt128)factor * value._high) + sum[1] + (ulong)(carry >> 64);
        sum[1] = (ulong)carry;
        carry = ((UInt128)factor * value._top) + sum[2] + (ulong)(carry >> 64);
        sum[2] = (ulong)carry;
        ulong rest = (ulong)(carry >> 64);
        for (int i = 3; rest != 0; i++)
        {
            sum[i] += rest;
            rest = sum[i] < rest ? 1UL : 0;
        }
    }

    private static FieldElement Reduce(ulong low, ulong high, ulong top)
    {
        while (!IsBelowPrime(low, high, top))
            (low, high, top) = Subtract(low, high, top, new FieldElement(P0, P1, P2));
        return new(low, high, top);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBelowPrime(ulong low, ulong high, ulong top) =>
        top != P2 ? top < P2 : high != P1 ? high < P1 : low < P0;

    private static (ulong Low, ulong High, ulong Top) Subtract(ulong low, ulong high, ulong top, FieldElement value)
    {
        ulong resultLow = low - value._low;
        ulong borrow = low < value._low ? 1UL : 0;
        ulong resultHigh = high - value._high - borrow;
        borrow = (UInt128)high < (UInt128)value._high + borrow ? 1UL : 0;
        return (resultLow, resultHigh, top - value._top - borrow);
    }

    private FieldElement ToPlain() => this * new FieldElement(1, 0, 0);
}
