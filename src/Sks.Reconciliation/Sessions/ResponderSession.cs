using Sks.Reconciliation.Messages;

namespace Sks.Reconciliation.Sessions;

/// <summary>The side that was contacted: it asks, node by node from the root, and says when it is done.</summary>
/// <remarks>
/// Asks as SKS does: as soon as there is nothing to read, as many requests as may be outstanding (and as may wait to be sent), breadth first and in ascending order, and then once
/// that the answers be sent (<see cref="Flush"/>), which it does not repeat before an answer to the last request of then has come. Source:
/// reconserver and reconclient of SKS as seen on the wire.
/// </remarks>
public sealed class ResponderSession : ReconciliationSession
{
    private readonly LinkedList<Prefix> _nodes = [];
    private readonly Queue<Request> _outstanding = [];
    private int _requests;
    private bool _isFlushing;

    /// <summary>Begins with a request of the root.</summary>
    public ResponderSession(IPartitionTree tree, SessionLimits limits)
        : base(tree, limits)
    {
        _nodes.AddLast(Prefix.Root);
        SendRequest();
    }

    /// <summary>How many requests wait for an answer.</summary>
    public int OutstandingRequests => _requests;

    /// <inheritdoc/>
    public override void Pause()
    {
        if (IsEnded || IsWithinElements)
            return;
        while (_nodes.Count > 0 && _requests < Limits.MaxOutstandingRequests)
        {
            if (!HasRoom)
                return;
            SendRequest();
        }

        if (_isFlushing)
            return;
        Outbox.Add(new Flush());
        _outstanding.Enqueue(Request.FlushMark);
        _isFlushing = true;
    }

    private protected override void EndElements() => EndRequest();

    private protected override void TakeLeave() => Outbox.Add(new Done());

    private protected override void ReceiveMessage(ReconMessage message)
    {
        // Until the end there always is a request at the head: a mark is removed as soon as it gets there.
        Request request = _outstanding.Peek();
        switch (message)
        {
            case SyncFail when !request.IsFull:
                AddChildren(request.Prefix);
                EndRequest();
                break;

            case FullElements all:
                ReceiveAll(request.Prefix, all.Elements);
                break;

            default:
                Violate($"{message.GetType().Name} is no answer to a request");
                break;
        }
    }

    // Hockeypuck numbers children by their bits backwards, and takes the first one last and of the others the last one first.
    private void AddChildren(Prefix parent)
    {
        int bits = Tree.Shape.BitQuantum;
        for (int i = 0; i < Tree.Shape.ChildCount; i++)
        {
            if (Limits.IsHockeypuck && i > 0)
                _nodes.AddFirst(parent.Child(ReverseBits(i, bits), bits));
            else
                _nodes.AddLast(parent.Child(i, bits));
        }
    }

    private static int ReverseBits(int number, int bits)
    {
        int reversed = 0;
        for (int i = 0; i < bits; i++)
            reversed |= ((number >> i) & 1) << (bits - 1 - i);
        return reversed;
    }

    private void ReceiveAll(Prefix prefix, IReadOnlyList<Element> elements)
    {
        if (prefix == Prefix.Root)
            NotePeerCount(elements.Count);
        if (IsEnded)
            return;

        // Holds no more than the other side has sent, so that a peer's threshold, not the size of a set, says how much may wait.
        var comparison = PrefixComparison.Compute(Tree, prefix, elements, Math.Max(PrefixComparison.FewElements, elements.Count));
        Outbox.AddElements(comparison.LocalOnlyCount, comparison.LocalOnly, comparison.Held);
        Find(comparison.RemoteOnly);
        if (!IsEnded)
            EndRequest();
    }

    private void EndRequest()
    {
        _outstanding.Dequeue();
        _requests--;
        while (_outstanding.TryPeek(out Request head) && head.IsFlushMark)
        {
            _outstanding.Dequeue();
            _isFlushing = false;
        }

        if (_outstanding.Count > 0)
            return;
        if (_nodes.Count > 0)
        {
            SendRequest();
            return;
        }

        Outbox.Add(new Done());
        Complete();
    }

    private void SendRequest()
    {
        TreeNode node = Tree.Read(_nodes.First!.Value);
        _nodes.RemoveFirst();
        bool isFull = node.IsLeaf || node.Count < (Limits.IsHockeypuck ? Tree.Shape.Mbar : Limits.FullThreshold);
        if (isFull)
        {
            Element[] elements = ReadSorted(node);
            Outbox.Add(new FullRequest(node.Prefix, elements), elements.Length);
        }
        else
        {
            Outbox.Add(new PolynomialRequest(node.Prefix, checked((uint)node.Count), node.Samples));
        }

        _outstanding.Enqueue(new Request(node.Prefix, isFull, IsFlushMark: false));
        _requests++;
    }

    private readonly record struct Request(Prefix Prefix, bool IsFull, bool IsFlushMark)
    {
        public static Request FlushMark { get; } = new(default, IsFull: false, IsFlushMark: true);
    }
}
