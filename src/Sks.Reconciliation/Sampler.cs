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
        FieldElement.InvertAll(others);
        for (int i = 0; i < samples.Length; i++)
            samples[i] *= others[i];
    }
}
