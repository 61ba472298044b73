using System.Diagnostics.CodeAnalysis;
using Sks.Reconciliation.Messages;

namespace Sks.Reconciliation.Sessions;

/// <summary>The side that made contact: it answers requests until the other side is done.</summary>
/// <remarks>
/// Answers at once, without waiting for <see cref="Flush"/>, unless <see cref="SessionLimits.IsHockeypuck"/> says so. A request of a node that a peer's tree could not have is answered like any other, as the
/// tree has an answer for every prefix, where SKS reports an error. A request with another number of samples is a violation.
/// <para>Peers ask for the root and then for children of what a <see cref="SyncFail"/> was the answer to, each once. So all answers together have no more
/// elements than the tree, and no more requests come than the tree has nodes. Others are answered as well, as SKS does, but only few of them:
/// an answer may cost a million times as much as its request.</para>
/// </remarks>
public sealed class InitiatorSession(IPartitionTree tree, SessionLimits limits) : ReconciliationSession(tree, limits)
{
    private const int MaxHeld = 64 * 1024;
    private const int MaxUnexpected = 16;

    // Those that were not asked for yet. At most ChildCount for each node with FullThreshold elements.
    private readonly HashSet<Prefix> _expected = [Prefix.Root];
    private int _unexpected;

    // How many of the waiting messages the other side has asked for by now.
    private int _released;

    /// <inheritdoc/>
    public override bool TryTake([NotNullWhen(true)] out ReconMessage? message)
    {
        message = null;
        if (HoldsAnswers && !Outbox.IsWithinElements && _released == 0)
            return false;
        if (!Outbox.IsWithinElements)
            _released--;
        return base.TryTake(out message);
    }

    private protected override void EndElements()
    {
    }

    private protected override void ReceiveMessage(ReconMessage message)
    {
        switch (message)
        {
            case PolynomialRequest request:
                if (Expect(request.Prefix))
                    Answer(request);
                break;

            case FullRequest request:
                if (Expect(request.Prefix))
                    Answer(request);
                break;

            case Flush:
                _released = Outbox.Count;
                break;

            case Done:
                Complete();
                break;

            default:
                Violate($"{message.GetType().Name} is no request");
                break;
        }
    }

    // Whether a request may be answered.
    private bool Expect(Prefix prefix)
    {
        if (prefix.Length % Tree.Shape.BitQuantum != 0)
            Violate("a request of a prefix that no node has");
        else if (!_expected.Remove(prefix) && ++_unexpected > MaxUnexpected)
            Violate("too many requests that no answer led to");
        return !IsEnded;
    }

    private void Answer(FullRequest request)
    {
        if (request.Prefix == Prefix.Root)
            NotePeerCount(request.Elements.Count);
        if (IsEnded)
            return;

        var comparison = PrefixComparison.Compute(Tree, request.Prefix, request.Elements, MaxHeld);
        Outbox.AddElements(comparison.LocalOnlyCount, comparison.LocalOnly, comparison.Held);
        Find(comparison.RemoteOnly);
    }

    private void Answer(PolynomialRequest request)
    {
        if (request.Samples.Count != Tree.Shape.SampleCount)
        {
            Violate("a request with a wrong number of samples");
            return;
        }

        if (request.Prefix == Prefix.Root)
            NotePeerCount(request.Count);
        if (IsEnded)
            return;

        TreeNode node = Tree.Read(request.Prefix);
        if (DifferenceDecoder.TryDecode(Tree.Shape, request.Samples, request.Count, node.Samples, node.Count, out SetDifference difference))
        {
            Outbox.AddElements((uint)difference.LocalOnly.Count, difference.LocalOnly, difference.LocalOnly.Count);
            Find(difference.RemoteOnly);
        }
        else if ((node.IsLeaf || node.Count < Limits.FullThreshold) && !(Limits.IsHockeypuck && Math.Abs(node.Count - request.Count) > Tree.Shape.Mbar))
        {
            Element[] all = ReadSorted(node);
            Outbox.AddAnswer(new FullElements(all), all.Length);
        }
        else
        {
            for (int i = 0; i < Tree.Shape.ChildCount && request.Prefix.Length < Tree.Shape.MaxPrefixLength; i++)
                _expected.Add(request.Prefix.Child(i, Tree.Shape.BitQuantum));
            Outbox.AddAnswer(new SyncFail());
        }
    }
}
