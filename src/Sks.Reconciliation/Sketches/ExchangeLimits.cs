namespace Sks.Reconciliation.Sketches;

/// <summary>What an exchange may cost, and how many cells the initiator asks for. The other side need not have the same.</summary>
public sealed record ExchangeLimits
{
    /// <summary>The defaults.</summary>
    public static ExchangeLimits Default { get; } = new();

    /// <summary>The most elements the other side may have; with more the exchange fails. Bounds what lists may bring. Default: 2^30.</summary>
    public ulong MaxElements { get; init; } = 1 << 30;

    /// <summary>Cells asked for per estimated difference up to <see cref="Few"/> of them. Default: 1.6.</summary>
    public double FactorForFew { get; init; } = 1.6;

    /// <summary>The same for <see cref="Some"/>; between them it follows the logarithm. Default: 1.27. A smaller factor saves bytes and costs round trips.</summary>
    public double FactorForSome { get; init; } = 1.27;

    /// <summary>The same from <see cref="Many"/> on. Default: 1.19.</summary>
    public double FactorForMany { get; init; } = 1.19;

    /// <summary>Up to how many differences they are few. Default: 150.</summary>
    public double Few { get; init; } = 150;

    /// <summary>How many differences are some. Default: 1,000.</summary>
    public double Some { get; init; } = 1000;

    /// <summary>From how many differences on they are many. Default: 10,000.</summary>
    public double Many { get; init; } = 10_000;

    /// <summary>By what the number of cells grows when they were not enough. Default: 1.15.</summary>
    public double TopUp { get; init; } = 1.15;

    /// <summary>By what the number of cells grows at least when the first ones were not enough. Default: 1.25.</summary>
    public double FirstTopUp { get; init; } = 1.25;

    /// <summary>Above what part of a bucket in differences it is fetched as a list and not as cells. Default: 0.4.</summary>
    public double ListAbove { get; init; } = 0.4;

    /// <summary>Cells to ask for after the first ones.</summary>
    /// <param name="have">How many there are.</param>
    /// <param name="estimate">How many differences are expected.</param>
    internal int SecondCredit(int have, double estimate)
    {
        double cells = FactorFor(estimate) * estimate;
        return (int)Math.Ceiling(Math.Min(int.MaxValue, Math.Max(Math.Max(have + 1.0, FirstTopUp * have), cells)));
    }

    /// <summary>Cells to ask for after those of a top-up.</summary>
    internal int NextCredit(int have) => Math.Max(have + 1, (int)Math.Ceiling(Math.Min(int.MaxValue, TopUp * have)));

    private double FactorFor(double estimate) => estimate < Some
        ? Between(Few, FactorForFew, Some, FactorForSome, Math.Max(Few, estimate))
        : Between(Some, FactorForSome, Many, FactorForMany, Math.Min(Many, estimate));

    private static double Between(double low, double atLow, double high, double atHigh, double estimate) =>
        atLow + ((atHigh - atLow) * Math.Log(estimate / low) / Math.Log(high / low));
}
