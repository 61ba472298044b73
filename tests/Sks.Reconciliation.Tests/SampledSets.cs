using CsCheck;

namespace Sks.Reconciliation.Tests;

/// <summary>Sets and their samples, by the definition.</summary>
internal static class SampledSets
{
    public static readonly Gen<Element> AnyElement = Gen.Byte.Array[Element.Length].Select(static bytes => Element.Read(bytes));

    /// <summary>For each sample point z the product of z - e over all elements e.</summary>
    public static FieldElement[] Sample(int count, IEnumerable<Element> elements)
    {
        FieldElement[] samples = [.. Enumerable.Repeat(FieldElement.One, count)];
        IReadOnlyList<FieldElement> points = SamplePoints.First(count);
        foreach (Element element in elements)
        {
            for (int i = 0; i < count; i++)
                samples[i] *= points[i] - FieldElement.From(element);
        }

        return samples;
    }
}
