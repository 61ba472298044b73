namespace Sks.Reconciliation.Sketches;

/// <summary>What an exchange may cost, and how many cells the initiator asks for. The other side need not have the same.</summary>
public sealed record ExchangeLimits
{
    /// <summary>The defaults.</summary>
    public static ExchangeLimits Default { get; } = new();

    /// <summary>The most elements the other side may have; with more the exchange fails. Bounds what lists may bring. Default: 2^30.</summary>
    public ulong MaxElements { get; init; } = 1 << 30;

    /// <summary>Cells asked for per estimated difference below <see cref="Some"/> of them. Default: 1.45.</summary>
    public double FactorForFew { get; init; } = 1.45;

    /// <summary>The same below <see cref="Many"/>. Default: 1.27. A smaller factor saves bytes and costs round trips.</summary>
    public double FactorForSome { get; init; } = 1.27;

    /// <summary>The same from <see cref="Many"/> on. Default: 1.2.</summary>
    public double FactorForMany { get; init; } = 1.2;

    /// <summary>From how many differences on they are some and not few. Default: 600.</summary>
    public double Some { get; init; } = 600;

    /// <summary>From how many differences on they are many. Default: 3,000.</summary>
    public double Many { get; init; } = 3000;

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
        double factor = estimate < Some ? FactorForFew : estimate < Many ? FactorForSome : FactorForMany;
        return (int)Math.Ceiling(Math.Min(int.MaxValue, Math.Max(Math.Max(have + 1.0, FirstTopUp * have), factor * estimate)));
    }

    /// <summary>Cells to ask for after those of a top-up.</summary>
    internal int NextCredit(int have) => Math.Max(have + 1, (int)Math.Ceiling(Math.Min(int.MaxValue, TopUp * have)));
}
