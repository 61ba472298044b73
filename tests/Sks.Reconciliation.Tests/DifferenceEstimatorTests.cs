using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>How many differences there are, by single cells.</summary>
public sealed class DifferenceEstimatorTests
{
    private const int Log2Cells = 14;

    private static readonly byte[] Empty = new byte[DifferenceEstimator.ProbesLength(1 << Log2Cells)];

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(8000)]
    public void The_estimate_is_near_the_number(int differences)
    {
        double sum = 0;
        for (int run = 0; run < 10; run++)
        {
            double estimate = DifferenceEstimator.Estimate(Empty, ProbesOf(run, differences));
            Assert.InRange(estimate, 0.5 * differences, 2 * differences);
            sum += estimate;
        }

        Assert.InRange(sum / 10, 0.8 * differences, 1.25 * differences);
    }

    [Fact]
    public void There_are_none_when_all_probes_are_the_same_and_no_end_of_them_when_none_is()
    {
        Assert.Equal(0, DifferenceEstimator.Estimate(Empty, Empty));
        Assert.Equal(0, DifferenceEstimator.Estimate([], []));
        Assert.Equal(double.PositiveInfinity, DifferenceEstimator.Estimate(Empty, [.. Enumerable.Repeat((byte)1, Empty.Length)]));
    }

    private static byte[] ProbesOf(int seed, int differences)
    {
        SketchImage image = new SomeDigests(SomeDigests.Create(new Random(seed), differences)).Freeze(SomeDigests.Key, Log2Cells);
        return DifferenceEstimator.Read(image.Cells, image.Cells.Length);
    }
}
