namespace Sks.Reconciliation.Messages;

/// <summary>What is read of a peer at most before it is looked at.</summary>
/// <remarks>Elements are not limited: they are delivered in parts of at most <see cref="PartElements"/>.</remarks>
public sealed record MessageLimits
{
    /// <summary>The defaults.</summary>
    public static MessageLimits Default { get; } = new();

    /// <summary>
    /// Most bytes of a frame that is delivered whole, and most bytes behind the payload of one that is not. Default: 1 MiB. With SKS's
    /// thresholds no frame reaches 3 KiB, but each side chooses its own.
    /// </summary>
    public int MaxFrameBytes { get; init; } = 1024 * 1024;

    /// <summary>Most elements of an <see cref="ElementsPart"/>. Default: 4,096.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int PartElements
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 4096;
}
