namespace Sks.Reconciliation.Sessions;

/// <summary>Choices of one side of a session that the other side need not share.</summary>
public sealed record SessionLimits
{
    /// <summary>The defaults.</summary>
    public static SessionLimits Default { get; } = new();

    /// <summary>A node with fewer elements is sent whole instead of its samples. Default: 150, as SKS's.</summary>
    public int FullThreshold { get; init; } = 150;

    /// <summary>Requests that may wait for an answer. Default: 100, as SKS's.</summary>
    public int MaxOutstandingRequests { get; init; } = 100;

    /// <summary>
    /// Whether the other side is Hockeypuck, which does some things in another way. Answers are held until it flushes, as it reads between its requests with so little
    /// patience that it loses what is only partly there. A node whose size differs by more than one request can settle is not sent whole, as what the other side
    /// lacks of it might never come. Requests go deeper before nodes are sent whole, children in another order. Default: false.
    /// </summary>
    public bool IsHockeypuck { get; init; }

    /// <summary>Most elements that only the other side has which one session finds; then it ends with those. Default: 100,000.</summary>
    public int MaxDifferences { get; init; } = 100_000;

    /// <summary>A set with less than a tenth of the elements of one that has more than this does not reconcile with it. Default: never.</summary>
    public int BootstrapThreshold { get; init; } = int.MaxValue;
}
