namespace Sks.Reconciliation.Messages;

/// <summary>What two sessions say to each other.</summary>
public abstract record ReconMessage
{
    private protected ReconMessage()
    {
    }
}

/// <summary>The responder asks what differs below a node, of which it sends a sum.</summary>
/// <param name="Prefix">Which node.</param>
/// <param name="Count">How many elements the responder has below it.</param>
/// <param name="Samples">The node's samples at the sample points in order.</param>
public sealed record PolynomialRequest(Prefix Prefix, uint Count, IReadOnlyList<FieldElement> Samples) : ReconMessage;

/// <summary>The responder asks what differs below a node, of which it sends all elements.</summary>
/// <param name="Prefix">Which node.</param>
/// <param name="Elements">What the responder has below it, in any order.</param>
public sealed record FullRequest(Prefix Prefix, IReadOnlyList<Element> Elements) : ReconMessage;

/// <summary>The beginning of elements that the other side does not have; <see cref="ElementsPart"/>s of together <paramref name="Count"/> follow at once.</summary>
/// <remarks>One frame on the wire, which may be far too long to be held whole.</remarks>
/// <param name="Count">How many follow. With none the message is complete.</param>
public sealed record ElementsHeader(uint Count) : ReconMessage;

/// <summary>Some of the elements that an <see cref="ElementsHeader"/> announced.</summary>
/// <param name="Elements">At least one, in any order.</param>
public sealed record ElementsPart(IReadOnlyList<Element> Elements) : ReconMessage;

/// <summary>The initiator cannot tell the difference by samples, has few elements below the node and sends all of them.</summary>
/// <param name="Elements">In any order.</param>
public sealed record FullElements(IReadOnlyList<Element> Elements) : ReconMessage;

/// <summary>The initiator cannot tell the difference by samples: the responder is to ask for the children.</summary>
public sealed record SyncFail : ReconMessage;

/// <summary>The responder has no more requests.</summary>
public sealed record Done : ReconMessage;

/// <summary>The responder waits for what the initiator has not sent yet. There is no answer to it.</summary>
public sealed record Flush : ReconMessage;

/// <summary>A side gives up.</summary>
/// <param name="Text">Why; at most <see cref="MaxLength"/> characters, bytes taken for ISO 8859-1. Not to be trusted.</param>
public sealed record ErrorReport(string Text) : ReconMessage
{
    /// <summary>Characters that are kept of a text.</summary>
    public const int MaxLength = 256;
}
