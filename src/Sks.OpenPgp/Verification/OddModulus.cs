using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sks.OpenPgp.Verification;

/// <summary>Arithmetic modulo an odd number, portable and for public values only: its time depends on them.</summary>
/// <remarks>
/// Montgomery's: a number x is held as x·R, R being 2^(64·<see cref="Limbs"/>), and a product is divided by R at once, so there is
/// no trial division. Numbers are arrays of <see cref="Limbs"/> limbs of 64 bits, the least significant first.
/// At 2048 bits <see cref="BigInteger.ModPow"/> takes four times as long; from 8192 on it would be faster.
/// </remarks>
internal sealed class OddModulus
{
    private readonly ulong[] _modulus;
    private readonly ulong[] _square;
    private readonly ulong[] _product;
    private readonly ulong _negatedInverse;

    private OddModulus(ReadOnlySpan<byte> bigEndian)
    {
        Limbs = (bigEndian.Length + 7) / 8;
        BitLength = (bigEndian.Length * 8) - BitOperations.LeadingZeroCount(bigEndian[0]) + 24;
        _modulus = new ulong[Limbs];
        _square = new ulong[Limbs];
        _product = new ulong[Limbs + 1];
        Load(bigEndian, _modulus);

        // Newton's iteration doubles the bits of the inverse: 3 at the start (n·n = 1 mod 8), 96 after five steps.
        ulong inverse = _modulus[0];
        for (int step = 0; step < 5; step++)
            inverse *= 2 - (_modulus[0] * inverse);
        _negatedInverse = 0 - inverse;

        BigInteger square = (BigInteger.One << (128 * Limbs)) % new BigInteger(bigEndian, isUnsigned: true, isBigEndian: true);
        Span<byte> bytes = stackalloc byte[8 * Limbs];
        bytes.Clear();
        square.TryWriteBytes(bytes, out _, isUnsigned: true);
        for (int i = 0; i < Limbs; i++)
            _square[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
    }

    /// <summary>Limbs of a number.</summary>
    public int Limbs { get; }

    /// <summary>Bits of the modulus.</summary>
    public int BitLength { get; }

    /// <summary>The modulus with these bytes, big-endian and without leading zeros; null when it is even or 1.</summary>
    public static OddModulus? TryCreate(ReadOnlySpan<byte> bigEndian) =>
        bigEndian.IsEmpty || (bigEndian[^1] & 1) == 0 || bigEndian is [1] ? null : new OddModulus(bigEndian);

    /// <summary>Reads a number of at most as many limbs, big-endian; false when it is not below the modulus.</summary>
    public bool TryLoad(ReadOnlySpan<byte> bigEndian, Span<ulong> number)
    {
        if (bigEndian.Length > 8 * Limbs)
            return false;
        Load(bigEndian, number);
        return IsBelowModulus(number);
    }

    /// <summary>Writes a number, big-endian, into the whole of <paramref name="bigEndian"/>, which must hold it.</summary>
    public static void Store(ReadOnlySpan<ulong> number, Span<byte> bigEndian)
    {
        for (int i = 0; i < bigEndian.Length; i++)
            bigEndian[^(i + 1)] = (byte)(number[i / 8] >> (8 * (i % 8)));
    }

    /// <summary>x·R of x.</summary>
    public void Enter(ReadOnlySpan<ulong> number, Span<ulong> result) => Multiply(number, _square, result);

    /// <summary>x·y/R: the product of two numbers held with R, or the plain one when one of them is. The result may be an operand.</summary>
    /// <remarks>One operand may be any number of as many limbs, the other must be below the modulus; the result is.</remarks>
    public void Multiply(ReadOnlySpan<ulong> x, ReadOnlySpan<ulong> y, Span<ulong> result)
    {
        int limbs = Limbs;
        Span<ulong> product = _product;
        product.Clear();
        ref ulong p = ref MemoryMarshal.GetReference(product);
        ref ulong n = ref MemoryMarshal.GetArrayDataReference(_modulus);
        ref ulong b = ref MemoryMarshal.GetReference(y[..limbs]);
        foreach (ulong a in x[..limbs])
        {
            // p = (p + a·y + m·n) / 2^64, where m makes the lowest limb vanish.
            ulong carry = MultiplyAdd(a, b, p, 0, out ulong low);
            ulong m = low * _negatedInverse;
            ulong reduction = MultiplyAdd(m, n, low, 0, out _);
            for (int i = 1; i < limbs; i++)
            {
                carry = MultiplyAdd(a, Unsafe.Add(ref b, i), Unsafe.Add(ref p, i), carry, out low);
                reduction = MultiplyAdd(m, Unsafe.Add(ref n, i), low, reduction, out Unsafe.Add(ref p, i - 1));
            }

            ref ulong top = ref Unsafe.Add(ref p, limbs);
            UInt128 sum = (UInt128)top + carry + reduction;
            Unsafe.Add(ref p, limbs - 1) = (ulong)sum;
            top = (ulong)(sum >> 64);
        }

        Span<ulong> reduced = product[..limbs];
        if (product[limbs] != 0 || !IsBelowModulus(reduced))
            SubtractModulus(reduced);
        reduced.CopyTo(result);
    }

    /// <summary>x^e, held with R as x is; the exponent is plain and not zero.</summary>
    public void Power(ReadOnlySpan<ulong> number, ReadOnlySpan<ulong> exponent, Span<ulong> result)
    {
        exponent = exponent.TrimEnd(0UL);
        number.CopyTo(result);
        int top = (64 * exponent.Length) - BitOperations.LeadingZeroCount(exponent[^1]) - 1;
        for (int bit = top - 1; bit >= 0; bit--)
        {
            Multiply(result, result, result);
            if ((exponent[bit / 64] >> (bit % 64) & 1) != 0)
                Multiply(result, number, result);
        }
    }

    private static void Load(ReadOnlySpan<byte> bigEndian, Span<ulong> number)
    {
        number.Clear();
        for (int i = 0; i < bigEndian.Length; i++)
            number[i / 8] |= (ulong)bigEndian[^(i + 1)] << (8 * (i % 8));
    }

    // a·b + c + d; it cannot overflow 128 bits. Carries without branches: they are as good as random.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ulong d, out ulong low)
    {
        ulong high = Math.BigMul(a, b, out ulong product);
        ulong sum = product + c;
        high += sum < c ? 1UL : 0UL;
        low = sum + d;
        return high + (low < d ? 1UL : 0UL);
    }

    private bool IsBelowModulus(ReadOnlySpan<ulong> number)
    {
        for (int i = Limbs - 1; i >= 0; i--)
        {
            if (number[i] != _modulus[i])
                return number[i] < _modulus[i];
        }

        return false;
    }

    private void SubtractModulus(Span<ulong> number)
    {
        ulong borrow = 0;
        for (int i = 0; i < number.Length; i++)
        {
            UInt128 difference = (UInt128)number[i] - _modulus[i] - borrow;
            number[i] = (ulong)difference;
            borrow = (ulong)(difference >> 64) & 1;
        }
    }
}
