namespace Sks.Reconciliation;

/// <summary>Evaluates sets of elements at the sample points.</summary>
internal sealed class Sampler(TreeShape shape)
{
    private readonly FieldElement[] _points = [.. SamplePoints.First(shape.SampleCount)];

    /// <summary>The samples of nothing: all ones.</summary>
    public FieldElement[] CreateOnes()
    {
        var samples = new FieldElement[_points.Length];
        Array.Fill(samples, FieldElement.One);
        return samples;
    }

    /// <summary>The samples of some elements.</summary>
    public FieldElement[] Evaluate(IEnumerable<Element> elements)
    {
        FieldElement[] samples = CreateOnes();
        foreach (Element element in elements)
            Include(samples, element);
        return samples;
    }

    /// <summary>Makes samples those of a set with one more element.</summary>
    public void Include(Span<FieldElement> samples, Element element)
    {
        var number = FieldElement.From(element);
        for (int i = 0; i < samples.Length; i++)
            samples[i] *= _points[i] - number;
    }

    /// <summary>Multiplies samples by others: those of both sets together, when they have nothing in common.</summary>
    public static void Multiply(Span<FieldElement> samples, IReadOnlyList<FieldElement> others)
    {
        for (int i = 0; i < samples.Length; i++)
            samples[i] *= others[i];
    }

    /// <summary>Divides samples by others: those of the set without the other's elements, when all of them are in it.</summary>
    public static void Divide(Span<FieldElement> samples, Span<FieldElement> others)
    {
        InvertAll(others);
        for (int i = 0; i < samples.Length; i++)
            samples[i] *= others[i];
    }

    /// <summary>Inverts numbers that are not 0, with one inversion: that of their product, taken apart again.</summary>
    public static void InvertAll(Span<FieldElement> numbers)
    {
        if (numbers.IsEmpty)
            return;
        var products = new FieldElement[numbers.Length];
        FieldElement product = FieldElement.One;
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
}
