using System.Diagnostics.CodeAnalysis;

namespace Sks.Reconciliation.Sketches;

/// <summary>One side of an exchange: messages in, messages and differences out. No socket, no clock, no thread.</summary>
public abstract class SketchExchange
{
    private protected SketchExchange()
    {
    }

    /// <summary>Whether it has ended; <see cref="TryTake"/> may still have something to send.</summary>
    public bool IsEnded => throw new NotImplementedException();

    /// <summary>What came of it; null before it has ended.</summary>
    public ExchangeResult? Result => throw new NotImplementedException();

    /// <summary>Takes a message of the other side in. Decodes and reads the set as needed: may take milliseconds.</summary>
    public void Receive(SketchMessage message) => throw new NotImplementedException();

    /// <summary>The next message to send.</summary>
    public bool TryTake([NotNullWhen(true)] out SketchMessage? message) => throw new NotImplementedException();

    /// <summary>The next differences that are known. Those of one bucket come together; the responder learns of none.</summary>
    public bool TryTakeDifference([NotNullWhen(true)] out SketchDifference? difference) => throw new NotImplementedException();
}

/// <summary>The side that begins, decodes and learns the differences.</summary>
public sealed class ExchangeInitiator : SketchExchange
{
    /// <summary>Begins.</summary>
    /// <param name="image">This side's sketch.</param>
    /// <param name="set">The set behind it. It may have changed since: then something is named that is no difference any more.</param>
    /// <param name="lastDifference">How many differences the last exchange found; 0 for unknown.</param>
    /// <param name="limits">What the other side may cost.</param>
    public ExchangeInitiator(SketchImage image, IDigestSet set, uint lastDifference, ExchangeLimits limits) => throw new NotImplementedException();
}

/// <summary>The side that sends its cells.</summary>
public sealed class ExchangeResponder : SketchExchange
{
    /// <summary>Begins when the other side has.</summary>
    /// <param name="image">This side's sketch.</param>
    /// <param name="set">The set behind it.</param>
    /// <param name="begin">What the other side has said; taken in already.</param>
    /// <param name="limits">What the other side may cost.</param>
    public ExchangeResponder(SketchImage image, IDigestSet set, ExchangeBegin begin, ExchangeLimits limits) => throw new NotImplementedException();
}

/// <summary>Bounds of an exchange.</summary>
public sealed record ExchangeLimits
{
    /// <summary>The defaults.</summary>
    public static ExchangeLimits Default { get; } = new();
}
