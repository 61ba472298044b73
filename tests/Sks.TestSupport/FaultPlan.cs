namespace Sks.TestSupport;

/// <summary>What a <see cref="FaultProxy"/> does to connections that come after it was set.</summary>
public sealed record FaultPlan
{
    /// <summary>Does nothing.</summary>
    public static FaultPlan None { get; } = new();

    /// <summary>Resets a connection once so many bytes of the client were passed on; null for never. Not one byte more arrives.</summary>
    public long? CutForwardAfter { get; init; }

    /// <summary>The same for bytes of the server.</summary>
    public long? CutBackwardAfter { get; init; }

    /// <summary>How many connections the cuts hit, the next ones; the others pass. Default: all.</summary>
    public int CutConnections { get; init; } = int.MaxValue;

    /// <summary>Part of the connections that are reset, by lot, after some bytes of the client. Default: 0.</summary>
    public double ResetProbability { get; init; }

    /// <summary>The most bytes before such a reset.</summary>
    public int ResetWithin { get; init; } = 20_000;
}
