using CsCheck;

namespace Sks.Reconciliation.Tests;

/// <summary>Roots of products of linear factors, and of what is none.</summary>
public sealed class RootFinderTests
{
    [Fact]
    public void All_roots_are_found() =>
        Gen.Select(FieldNumbers.Any.HashSet[0, 12], Gen.Int[1, 1000]).Sample(
            static (roots, seed) =>
            {
                FieldElement[] expected = [.. roots.Select(FieldNumbers.ToField)];
                Assert.True(RootFinder.TryFind(Multiply(expected), CountFrom(seed), out IReadOnlyList<FieldElement> found));
                Assert.Equal(expected.Order(ByText), found.Order(ByText));
            },
            iter: 200);

    [Fact]
    public void A_root_that_is_the_shift_is_found()
    {
        FieldElement[] expected = [FieldElement.From(-1), FieldElement.From(-2), FieldElement.From(-3), FieldElement.Zero];

        Assert.True(RootFinder.TryFind(Multiply(expected), CountFrom(1), out IReadOnlyList<FieldElement> found));
        Assert.Equal(expected.Order(ByText), found.Order(ByText));
    }

    [Fact]
    public void A_repeated_root_is_refused()
    {
        for (int count = 2; count < 8; count++)
        {
            FieldElement[] roots = [.. Enumerable.Range(0, count).Select(static i => FieldElement.From(Math.Max(1, i)))];
            Assert.False(RootFinder.TryFind(Multiply(roots), CountFrom(1), out _));
        }
    }

    [Fact]
    public void A_factor_without_roots_is_refused()
    {
        // -1 is no square modulo a prime that is 3 modulo 4.
        FieldElement[] irreducible = [FieldElement.One, FieldElement.Zero, FieldElement.One];
        for (int others = 0; others < 5; others++)
        {
            FieldElement[] roots = [.. Enumerable.Range(5, others).Select(FieldElement.From)];
            Assert.False(RootFinder.TryFind(Multiply(roots, irreducible), CountFrom(1), out _));
        }
    }

    [Fact]
    public void A_source_that_never_splits_comes_to_an_end()
    {
        // 1, 4 and 9 are squares: all three fall on one side of the shift 0, each time.
        FieldElement[] roots = [FieldElement.From(1), FieldElement.From(4), FieldElement.From(9)];
        int drawn = 0;

        Assert.False(RootFinder.TryFind(Multiply(roots), () => DrawZero(ref drawn), out _));
        Assert.InRange(drawn, 10, 100);
    }

    private static readonly Comparer<FieldElement> ByText =
        Comparer<FieldElement>.Create(static (left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

    private static FieldElement DrawZero(ref int drawn)
    {
        drawn++;
        return FieldElement.Zero;
    }

    private static Func<FieldElement> CountFrom(int seed) => () => FieldElement.From(seed++);

    private static Polynomial Multiply(FieldElement[] roots) => Multiply(roots, [FieldElement.One]);

    private static Polynomial Multiply(FieldElement[] roots, FieldElement[] factor)
    {
        FieldElement[] product = factor;
        foreach (FieldElement root in roots)
        {
            var next = new FieldElement[product.Length + 1];
            for (int i = 0; i < product.Length; i++)
            {
                next[i + 1] += product[i];
                next[i] -= root * product[i];
            }

            product = next;
        }

        return new Polynomial(product);
    }
}
