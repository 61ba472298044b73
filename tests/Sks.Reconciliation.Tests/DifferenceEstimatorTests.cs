using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>How many differences there are, by single cells.</summary>
public sealed class DifferenceEstimatorTests
{
    private const int Log2Cells = 14;

    private static readonly byte[] Empty = new byte[DifferenceEstimator.ProbesLength(1 << Log2Cells)];

    [Theory]
    [InlineData(100, 0.2)] // fewer cells tell something
    [InlineData(1000, 0.125)] // 32 probes that are never the same by chance: 0.13
    [InlineData(8000, 0.125)]
    public void The_estimate_is_near_the_number(int differences, double most)
    {
        const int Runs = 40;
        double sum = 0;
        double squares = 0;
        for (int run = 0; run < Runs; run++)
        {
            double estimate = DifferenceEstimator.Estimate(Empty, ProbesOf(run, differences)) / differences;
            Assert.InRange(estimate, 0.65, 1.5);
            sum += estimate;
            squares += (estimate - 1) * (estimate - 1);
        }

        Assert.InRange(sum / Runs, 0.93, 1.07);
        Assert.InRange(Math.Sqrt(squares / Runs), 0.02, most);
    }

    [Fact]
    public void There_are_none_when_all_probes_are_the_same_and_no_end_of_them_when_none_is()
    {
        Assert.Equal(0, DifferenceEstimator.Estimate(Empty, Empty));
        Assert.Equal(0, DifferenceEstimator.Estimate([], []));
        Assert.Equal(double.PositiveInfinity, DifferenceEstimator.Estimate(Empty, [.. Enumerable.Repeat((byte)0x11, Empty.Length)]));
    }

    [Fact]
    public void Probes_that_are_the_same_by_chance_alone_are_too_many_differences()
    {
        var random = new Random(4);
        for (int run = 0; run < 20; run++)
        {
            var probes = new byte[Empty.Length];
            random.NextBytes(probes);
            double estimate = DifferenceEstimator.Estimate(Empty, probes);
            Assert.True(ExchangeRules.IsTooMany(estimate, 1 << Log2Cells), $"{estimate}");
        }
    }

    private static byte[] ProbesOf(int seed, int differences)
    {
        SketchImage image = new SomeDigests(SomeDigests.Create(new Random(seed), differences)).Freeze(SomeDigests.Key, Log2Cells);
        return DifferenceEstimator.Read(image.Cells, image.Cells.Length);
    }
}
