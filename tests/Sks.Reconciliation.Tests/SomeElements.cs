using CsCheck;

namespace Sks.Reconciliation.Tests;

/// <summary>Elements to build trees of.</summary>
internal static class SomeElements
{
    /// <summary>Shapes with low and high trees, among them some whose prefixes do not come out even with an element.</summary>
    public static Gen<TreeShape> Shapes { get; } = Gen.OneOf(
        Gen.Const(TreeShape.Default),
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 5], Gen.Int[1, 7]).Select(static (mbar, quantum, leaf) => new TreeShape(mbar, quantum, leaf)));

    /// <summary>The same element for the same number: every fourth far down the tree beside others, all others anywhere.</summary>
    public static Element Number(int number)
    {
        ulong high = Scatter((ulong)number);
        ulong low = Scatter(high);
        return new Element(number % 4 == 0 ? new UInt128(0x8EE0D09C7F30B328, low >> (number % 60)) : new UInt128(high, low));
    }

    /// <summary>The first <paramref name="count"/> of them; a few are the same.</summary>
    public static IEnumerable<Element> First(int count) => Enumerable.Range(0, count).Select(Number);

    private static ulong Scatter(ulong number)
    {
        number = (number + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
        number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
        return number ^ (number >> 31);
    }
}
