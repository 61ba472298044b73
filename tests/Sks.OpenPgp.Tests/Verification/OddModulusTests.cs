using System.Numerics;
using CsCheck;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp.Tests.Verification;

public sealed class OddModulusTests
{
    [Fact]
    public void Products_and_powers_are_those_of_BigInteger() =>
        Gen.Select(Gen.Byte.Array[1, 70], Gen.Byte.Array[1, 70], Gen.Byte.Array[1, 70], Gen.OneOf(0, 0x80, 0xFF)).Sample(
            static (modulusBytes, first, second, top) =>
            {
                // The extremes are where carries and the last subtraction go wrong.
                modulusBytes[0] |= (byte)top;
                modulusBytes[^1] |= 1;
                var modulus = new BigInteger(modulusBytes, isUnsigned: true, isBigEndian: true);
                if (modulus.IsOne)
                    return true;
                var odd = OddModulus.TryCreate(modulus.ToByteArray(isUnsigned: true, isBigEndian: true))!;
                BigInteger x = new BigInteger(first, isUnsigned: true) % modulus;
                BigInteger y = new BigInteger(second, isUnsigned: true) % modulus;

                ulong[] xLimbs = Load(odd, x), yLimbs = Load(odd, y), held = new ulong[odd.Limbs], result = new ulong[odd.Limbs];
                odd.Enter(xLimbs, held);
                odd.Multiply(held, yLimbs, result);
                bool isProduct = Value(result) == x * y % modulus;
                if (y.IsZero)
                    return isProduct;

                odd.Power(held, yLimbs, result);
                var one = new ulong[odd.Limbs];
                one[0] = 1;
                odd.Multiply(result, one, result);
                return isProduct && Value(result) == BigInteger.ModPow(x, y, modulus) && odd.BitLength == modulus.GetBitLength();
            },
            iter: 2_000);

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("02")]
    [InlineData("FF00")]
    public void Even_moduli_and_one_are_refused(string modulus) => Assert.Null(OddModulus.TryCreate(Convert.FromHexString(modulus)));

    [Fact]
    public void Numbers_below_the_modulus_are_loaded()
    {
        var modulus = OddModulus.TryCreate([0x01, 0x05])!;
        var number = new ulong[1];

        Assert.True(modulus.TryLoad([0x01, 0x04], number));
        Assert.Equal(0x0104u, number[0]);
        Assert.False(modulus.TryLoad([0x01, 0x05], number));
        Assert.False(modulus.TryLoad([0x01, 0, 0, 0, 0, 0, 0, 0, 0], number));
    }

    private static ulong[] Load(OddModulus modulus, BigInteger value)
    {
        var limbs = new ulong[modulus.Limbs];
        Assert.True(modulus.TryLoad(value.ToByteArray(isUnsigned: true, isBigEndian: true), limbs));
        return limbs;
    }

    private static BigInteger Value(ulong[] limbs)
    {
        var bytes = new byte[8 * limbs.Length];
        OddModulus.Store(limbs, bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }
}
