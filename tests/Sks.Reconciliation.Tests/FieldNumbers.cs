using System.Numerics;
using CsCheck;

namespace Sks.Reconciliation.Tests;

/// <summary>Numbers of the field as <see cref="BigInteger"/>, which tests compute with.</summary>
internal static class FieldNumbers
{
    public static readonly BigInteger Prime = BigInteger.Parse("530512889551602322505127520352579437339");

    private static readonly BigInteger Limb = BigInteger.One << 64;

    /// <summary>Numbers around each place where a limb or the prime begins or ends.</summary>
    public static readonly BigInteger[] Edges =
    [
        0, 1, 2, Limb - 1, Limb, Limb + 1, (Limb * Limb) - Limb, (Limb * Limb) - 1, Limb * Limb, (Limb * Limb) + 1,
        (Limb * Limb) + Limb - 1, (Limb * Limb) + Limb, Prime - (Limb * Limb), Prime - (Limb * Limb) - 1, (Prime - 1) / 2, (Prime + 1) / 2,
        Prime - Limb, Prime - 2, Prime - 1,
    ];

    /// <summary>Edges as often as any others.</summary>
    public static readonly Gen<BigInteger> Any = Gen.OneOf(
        Gen.OneOf(Edges),
        Gen.Byte.Array[17].Select(static bytes => new BigInteger(bytes, isUnsigned: true) % Prime));

    public static FieldElement ToField(BigInteger number)
    {
        var bytes = new byte[FieldElement.Length];
        Assert.True(number.TryWriteBytes(bytes, out _, isUnsigned: true));
        Assert.True(FieldElement.TryRead(bytes, out FieldElement value));
        return value;
    }

    public static BigInteger FromField(FieldElement value)
    {
        var bytes = new byte[FieldElement.Length];
        value.Write(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    public static BigInteger Remainder(BigInteger number) => ((number % Prime) + Prime) % Prime;
}
