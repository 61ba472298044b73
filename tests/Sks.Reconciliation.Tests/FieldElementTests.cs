using System.Numerics;
using CsCheck;

namespace Sks.Reconciliation.Tests;

/// <summary>The field's arithmetic against <see cref="BigInteger"/>.</summary>
public sealed class FieldElementTests
{
    private const long Iterations = 20_000;

    [Fact]
    public void Every_operation_is_right_between_all_edges()
    {
        foreach (BigInteger left in FieldNumbers.Edges)
        {
            foreach (BigInteger right in FieldNumbers.Edges)
                AssertOperations(left, right);
        }
    }

    [Fact]
    public void Every_operation_is_right() =>
        Gen.Select(FieldNumbers.Any, FieldNumbers.Any).Sample(AssertOperations, iter: Iterations);

    [Fact]
    public void Any_limbs_multiply_right() =>
        Gen.Select(Gen.Byte.Array[17], Gen.Byte.Array[17]).Sample(
            static (left, right) => AssertOperations(SetBytes(left), SetBytes(right)), iter: Iterations);

    [Fact]
    public void What_is_written_reads_back() =>
        FieldNumbers.Any.Sample(static number => FieldNumbers.FromField(FieldNumbers.ToField(number)) == number, iter: Iterations);

    [Fact]
    public void The_prime_and_what_is_above_is_no_number_of_the_field()
    {
        BigInteger greatest = (BigInteger.One << 136) - 1;
        foreach (BigInteger number in (BigInteger[])[FieldNumbers.Prime, FieldNumbers.Prime + 1, BigInteger.One << 129, greatest])
            Assert.False(FieldElement.TryRead(number.ToByteArray(isUnsigned: true), out _));
    }

    [Fact]
    public void A_number_stands_for_an_element_when_it_has_16_bytes() =>
        FieldNumbers.Any.Sample(
            static number =>
            {
                bool isElement = FieldNumbers.ToField(number).TryGetElement(out Element element);
                return isElement == (number < BigInteger.One << 128)
                    && (!isElement || FieldNumbers.FromField(FieldElement.From(element)) == number);
            },
            iter: Iterations);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_small_number_may_be_negative(int number) =>
        Assert.Equal(FieldNumbers.Remainder(number), FieldNumbers.FromField(FieldElement.From(number)));

    [Fact]
    public void A_power_is_right() =>
        Gen.Select(FieldNumbers.Any, Gen.UInt128).Sample(
            static (number, exponent) =>
                FieldNumbers.FromField(FieldNumbers.ToField(number).Pow(exponent)) == BigInteger.ModPow(number, exponent, FieldNumbers.Prime),
            iter: 500);

    [Fact]
    public void The_power_of_nothing_is_one() => Assert.Equal(FieldElement.One, FieldElement.Zero.Pow(0));

    [Fact]
    public void An_inverse_is_right() =>
        FieldNumbers.Any.Where(static number => !number.IsZero).Sample(
            static number => FieldNumbers.FromField(FieldNumbers.ToField(number).Invert())
                == BigInteger.ModPow(number, FieldNumbers.Prime - 2, FieldNumbers.Prime),
            iter: 500);

    [Fact]
    public void Zero_has_no_inverse() => Assert.Throws<DivideByZeroException>(static () => FieldElement.Zero.Invert());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    public void Many_are_inverted_as_one_by_one(int count)
    {
        FieldElement[] numbers = [.. Enumerable.Range(1, count).Select(static i => FieldElement.From(i * 77).Pow(5))];
        FieldElement[] expected = [.. numbers.Select(static number => number.Invert())];

        FieldElement.InvertAll(numbers);

        Assert.Equal(expected, numbers);
    }

    [Fact]
    public void A_zero_among_many_is_refused_and_changes_nothing()
    {
        FieldElement[] numbers = [FieldElement.From(2), FieldElement.Zero, FieldElement.From(3)];
        FieldElement[] before = [.. numbers];

        Assert.Throws<DivideByZeroException>(() => FieldElement.InvertAll(numbers));

        Assert.Equal(before, numbers);
    }

    // Turns most limbs into all ones or all zeroes, where carries run through.
    private static BigInteger SetBytes(byte[] bytes)
    {
        for (int limb = 0; limb < 2; limb++)
        {
            Span<byte> target = bytes.AsSpan(8 * limb, 8);
            if (bytes[16] % 8 >= 2 + limb)
                target.Fill((bytes[16] & (16 << limb)) != 0 ? byte.MaxValue : byte.MinValue);
        }

        return FieldNumbers.Remainder(new BigInteger(bytes, isUnsigned: true) % (BigInteger.One << 129));
    }

    private static void AssertOperations(BigInteger left, BigInteger right)
    {
        FieldElement first = FieldNumbers.ToField(left);
        FieldElement second = FieldNumbers.ToField(right);
        Assert.Equal(FieldNumbers.Remainder(left + right), FieldNumbers.FromField(first + second));
        Assert.Equal(FieldNumbers.Remainder(left - right), FieldNumbers.FromField(first - second));
        Assert.Equal(FieldNumbers.Remainder(left * right), FieldNumbers.FromField(first * second));
        Assert.Equal(left == right, first == second);
    }
}
