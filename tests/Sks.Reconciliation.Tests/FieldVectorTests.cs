using System.Globalization;

namespace Sks.Reconciliation.Tests;

/// <summary>Numbers, samples and differences as an independent model of SKS computes them.</summary>
public sealed class FieldVectorTests
{
    private static readonly FieldVectors Vectors = FieldVectors.Read();

    public static TheoryData<int> Pairs => [.. Enumerable.Range(0, 36)];

    [Fact]
    public void Sample_points_are_the_same()
    {
        foreach ((string count, int[] points) in Vectors.SamplePoints)
            Assert.Equal(points.Select(FieldElement.From), SamplePoints.First(int.Parse(count, CultureInfo.InvariantCulture)));
        Assert.Equal(Vectors.SamplePointsOnWire, SamplePoints.First(6).Select(FieldVectors.ToWire));
    }

    [Fact]
    public void Elements_become_the_same_numbers()
    {
        foreach (FieldVectors.Number vector in Vectors.Numbers)
        {
            var number = FieldElement.From(FieldVectors.ParseElement(vector.Element));
            Assert.Equal(vector.Value, number.ToString());
            Assert.Equal(vector.Wire, FieldVectors.ToWire(number));
            Assert.True(number.TryGetElement(out Element back));
            Assert.Equal(vector.Element, back.ToString());
        }
    }

    [Fact]
    public void Sets_have_the_same_samples()
    {
        foreach (FieldVectors.SampledSet vector in Vectors.SampledSets)
        {
            FieldElement[] samples = SampledSets.Sample(6, vector.Elements.Select(FieldVectors.ParseElement));
            Assert.Equal(vector.Samples, samples.Select(FieldVectors.ToWire));
        }
    }

    [Fact]
    public void There_are_36_pairs_of_sets() => Assert.Equal(36, Vectors.Pairs.Count);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_of_sets_has_the_same_difference(int index)
    {
        FieldVectors.Pair pair = Vectors.Pairs[index];

        bool isDecoded = DifferenceDecoder.TryDecode(
            TreeShape.Default,
            [.. pair.RemoteSamples.Select(FieldVectors.ParseNumber)],
            pair.RemoteElements.Count,
            [.. pair.LocalSamples.Select(FieldVectors.ParseNumber)],
            pair.LocalElements.Count,
            out SetDifference difference);

        Assert.Equal(pair.Result == "solved", isDecoded);
        Assert.Equal(pair.RemoteOnly ?? [], Sorted(difference.RemoteOnly));
        Assert.Equal(pair.LocalOnly ?? [], Sorted(difference.LocalOnly));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_that_is_decoded_has_the_same_fraction(int index)
    {
        FieldVectors.Pair pair = Vectors.Pairs[index];
        if (pair.Result != "solved")
            return;

        int surplus = pair.RemoteElements.Count - pair.LocalElements.Count;
        int used = 5 - (Math.Abs(5 - surplus) % 2);
        FieldElement[] values = [.. pair.RemoteSamples.Zip(pair.LocalSamples, Divide)];
        Assert.True(RationalInterpolation.TryInterpolate(
            [.. SamplePoints.First(used)], values.AsSpan(0, used), (used + surplus) / 2, (used - surplus) / 2, out Polynomial above, out Polynomial below));

        Assert.Equal(pair.Numerator, above.Coefficients.ToArray().Select(static number => number.ToString()));
        Assert.Equal(pair.Denominator, below.Coefficients.ToArray().Select(static number => number.ToString()));
    }

    private static FieldElement Divide(string dividend, string divisor) =>
        FieldVectors.ParseNumber(dividend) * FieldVectors.ParseNumber(divisor).Invert();

    private static IEnumerable<string> Sorted(IEnumerable<Element> elements) => elements.Order().Select(static element => element.ToString());
}
