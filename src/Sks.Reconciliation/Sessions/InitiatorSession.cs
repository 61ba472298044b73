using Sks.Reconciliation.Messages;

namespace Sks.Reconciliation.Sessions;

/// <summary>The side that made contact: it answers requests until the other side is done.</summary>
/// <remarks>
/// Answers at once, without waiting for <see cref="Flush"/>. A request of a node that a peer's tree could not have is answered like any other, as the
/// tree has an answer for every prefix, where SKS reports an error. A request with another number of samples is a violation.
/// </remarks>
public sealed class InitiatorSession(IPartitionTree tree, SessionLimits limits) : ReconciliationSession(tree, limits)
{
    private protected override void EndElements()
    {
    }

    private protected override void ReceiveMessage(ReconMessage message)
    {
        switch (message)
        {
            case PolynomialRequest request when IsValid(request.Prefix):
                Answer(request);
                break;

            case FullRequest request when IsValid(request.Prefix):
                Answer(request);
                break;

            case PolynomialRequest or FullRequest:
                Violate("a request of a prefix that no node has");
                break;

            case Flush:
                break;

            case Done:
                Complete();
                break;

            default:
                Violate($"{message.GetType().Name} is no request");
                break;
        }
    }

    private bool IsValid(Prefix prefix) => prefix.Length % Tree.Shape.BitQuantum == 0;

    private void Answer(FullRequest request)
    {
        if (request.Prefix == Prefix.Root)
            NotePeerCount(request.Elements.Count);
        if (IsEnded)
            return;

        var comparison = PrefixComparison.Compute(Tree, request.Prefix, request.Elements);
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
        else if (node.IsLeaf || node.Count < Limits.FullThreshold)
        {
            Element[] all = ReadSorted(node);
            Outbox.Add(new FullElements(all), all.Length);
        }
        else
        {
            Outbox.Add(new SyncFail());
        }
    }
}
