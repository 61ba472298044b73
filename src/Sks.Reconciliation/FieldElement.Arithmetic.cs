using System.Runtime.CompilerServices;

namespace Sks.Reconciliation;

/// <content>The operations. None branches on its operands: half of such branches would be guessed wrong.</content>
public readonly partial struct FieldElement
{
    // The prime, its lowest limb first.
    private const ulong P0 = 0xc91f85d930a5431b;
    private const ulong P1 = 0x8f1d10e4878b1fdf;
    private const ulong P2 = 1;

    // Minus the inverse of the prime modulo 2^64.
    private const ulong NegatedInverse = 0x6320d927c830a0ed;

    // R^2 modulo the prime, which has no top bit.
    private const ulong Square0 = 0x186fbb410d24eba6;
    private const ulong Square1 = 0x446abdb66035ef0d;

    // Inverting more at once than this takes memory from the heap.
    private const int MaxStackProducts = 64;

    /// <summary>The sum.</summary>
    public static FieldElement operator +(FieldElement left, FieldElement right)
    {
        ulong low = left._low + right._low;
        ulong carry = low < right._low ? 1UL : 0;
        ulong high = left._high + right._high;
        ulong top = left._top + right._top + (high < right._high ? 1UL : 0);
        high += carry;
        top += high < carry ? 1UL : 0;
        return SubtractPrimeOnce(low, high, top);
    }

    /// <summary>The difference.</summary>
    public static FieldElement operator -(FieldElement left, FieldElement right)
    {
        ulong low = left._low - right._low;
        ulong borrow = left._low < right._low ? 1UL : 0;
        ulong high = left._high - right._high;
        ulong top = left._top - right._top - (left._high < right._high ? 1UL : 0);
        top -= high < borrow ? 1UL : 0;
        high -= borrow;

        // Below zero the top limb is all ones but for its lowest bits: the prime is added.
        ulong mask = (ulong)((long)top >> 63);
        low += P0 & mask;
        ulong carry = low < (P0 & mask) ? 1UL : 0;
        high += P1 & mask;
        top += (P2 & mask) + (high < (P1 & mask) ? 1UL : 0);
        high += carry;
        top += high < carry ? 1UL : 0;
        return new(low, high, top);
    }

    /// <summary>The product.</summary>
    /// <remarks>
    /// With a = a' + s R and b = b' + t R (s and t are the top bits) the product divided by R is a'b'/R + s b + t a', and only a'b' needs Montgomery's
    /// reduction. Its result is below R + p, less than 1.65 p; the whole is below 3 p, because a' is below p - R where s is 1.
    /// </remarks>
    public static FieldElement operator *(FieldElement left, FieldElement right)
    {
        // a'b' in four limbs.
        ulong limb1 = Math.BigMul(left._low, right._low, out ulong limb0);
        ulong limb3 = Math.BigMul(left._high, right._high, out ulong limb2);
        ulong crossHigh = Math.BigMul(left._low, right._high, out ulong crossLow);
        limb1 += crossLow;
        crossHigh += limb1 < crossLow ? 1UL : 0; // never overflows: the high half of a product is at most 2^64 - 2
        limb2 += crossHigh;
        limb3 += limb2 < crossHigh ? 1UL : 0;
        crossHigh = Math.BigMul(left._high, right._low, out crossLow);
        limb1 += crossLow;
        crossHigh += limb1 < crossLow ? 1UL : 0;
        limb2 += crossHigh;
        limb3 += limb2 < crossHigh ? 1UL : 0;

        // The multiple of the prime that makes the lowest limb zero, and then the next. Its low half cancels the limb: a carry unless that was zero.
        ulong factor = limb0 * NegatedInverse;
        ulong carry = Math.BigMul(factor, P0, out _) + (limb0 != 0 ? 1UL : 0);
        ulong high = Math.BigMul(factor, P1, out ulong low);
        low += carry;
        high += low < carry ? 1UL : 0;
        limb1 += low;
        high += limb1 < low ? 1UL : 0;
        limb2 += high;
        ulong limb4 = 0;
        carry = limb2 < high ? 1UL : 0;
        limb2 += factor;
        carry += limb2 < factor ? 1UL : 0;
        limb3 += carry;
        limb4 += limb3 < carry ? 1UL : 0;

        factor = limb1 * NegatedInverse;
        carry = Math.BigMul(factor, P0, out _) + (limb1 != 0 ? 1UL : 0);
        high = Math.BigMul(factor, P1, out low);
        low += carry;
        high += low < carry ? 1UL : 0;
        limb2 += low;
        high += limb2 < low ? 1UL : 0;
        limb3 += high;
        limb4 += limb3 < high ? 1UL : 0;
        limb3 += factor;
        limb4 += limb3 < factor ? 1UL : 0;

        // s b
        ulong mask = 0 - left._top;
        limb2 += right._low & mask;
        carry = limb2 < (right._low & mask) ? 1UL : 0;
        limb3 += right._high & mask;
        limb4 += (right._top & mask) + (limb3 < (right._high & mask) ? 1UL : 0);
        limb3 += carry;
        limb4 += limb3 < carry ? 1UL : 0;

        // t a'
        mask = 0 - right._top;
        limb2 += left._low & mask;
        carry = limb2 < (left._low & mask) ? 1UL : 0;
        limb3 += left._high & mask;
        limb4 += limb3 < (left._high & mask) ? 1UL : 0;
        limb3 += carry;
        limb4 += limb3 < carry ? 1UL : 0;

        FieldElement once = SubtractPrimeOnce(limb2, limb3, limb4);
        return SubtractPrimeOnce(once._low, once._high, once._top);
    }

    /// <summary>The number multiplied with itself <paramref name="exponent"/> times; 1 when that is 0.</summary>
    public FieldElement Pow(UInt128 exponent)
    {
        FieldElement result = One;
        for (int bit = 127 - (int)UInt128.LeadingZeroCount(exponent); bit >= 0; bit--)
        {
            result *= result;
            if (((exponent >> bit) & 1) != 0)
                result *= this;
        }

        return result;
    }

    /// <summary>The inverse.</summary>
    /// <exception cref="DivideByZeroException">The number is 0.</exception>
    public FieldElement Invert()
    {
        if (IsZero)
            throw new DivideByZeroException();

        // Fermat: x^(p - 2). The exponent has 129 bits, half of it has 128.
        FieldElement root = Pow(new UInt128((P1 >> 1) | (P2 << 63), ((P0 - 2) >> 1) | (P1 << 63)));
        return root * root * this;
    }

    /// <summary>Replaces each number by its inverse, at the price of one inversion and three multiplications for each number.</summary>
    /// <exception cref="DivideByZeroException">One of them is 0. Then all are as they were.</exception>
    public static void InvertAll(Span<FieldElement> numbers)
    {
        if (numbers.IsEmpty)
            return;

        Span<FieldElement> products = numbers.Length <= MaxStackProducts
            ? stackalloc FieldElement[MaxStackProducts]
            : new FieldElement[numbers.Length];
        FieldElement product = One;
        for (int i = 0; i < numbers.Length; i++)
        {
            products[i] = product;
            product *= numbers[i];
        }

        FieldElement inverse = product.Invert();
        for (int i = numbers.Length - 1; i >= 0; i--)
        {
            FieldElement number = numbers[i];
            numbers[i] = inverse * products[i];
            inverse *= number;
        }
    }

    // Takes the prime away once if it is contained.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement SubtractPrimeOnce(ulong low, ulong high, ulong top)
    {
        ulong lessLow = low - P0;
        ulong borrow = low < P0 ? 1UL : 0;
        ulong lessHigh = high - P1;
        ulong lessTop = top - P2 - (high < P1 ? 1UL : 0);
        lessTop -= lessHigh < borrow ? 1UL : 0;
        lessHigh -= borrow;

        ulong mask = (ulong)((long)lessTop >> 63); // all ones where it was not contained
        return new((low & mask) | (lessLow & ~mask), (high & mask) | (lessHigh & ~mask), (top & mask) | (lessTop & ~mask));
    }
}
