using System.Diagnostics.CodeAnalysis;
using Sks.Reconciliation.Messages;

namespace Sks.Reconciliation.Sessions;

/// <summary>One side of a session: messages in, messages and differences out. Knows no socket and no clock.</summary>
/// <remarks>
/// A transport gives <see cref="Receive"/> what arrives, calls <see cref="Pause"/> when there is nothing more to read at the moment, each time that
/// something has been sent, and sends what <see cref="TryTake"/> gives, at once, until the session <see cref="IsEnded"/> and has nothing left. It reads while it writes, as two sides that only
/// write would wait for each other; <see cref="CanReceive"/> says when enough is waiting to be sent. For one thread at a time.
/// </remarks>
public abstract class ReconciliationSession
{
    private const int MinHeldElements = 64 * 1024;
    private const int MinWaitingMessages = 1024;
    private const int MuchLarger = 10;

    private readonly HashSet<Element> _found = [];
    private readonly long _localCount;
    private SessionEnd? _end;
    private string? _reason;
    private long? _peerCount;
    private long _announced;
    private readonly long _maxAnswers;
    private readonly long _maxHeld;
    private uint _elements;

    private protected ReconciliationSession(IPartitionTree tree, SessionLimits limits)
    {
        Tree = tree;
        Limits = limits;
        _localCount = tree.Read(Prefix.Root).Count;
        _maxAnswers = (long)MinWaitingMessages + limits.MaxOutstandingRequests;
        _maxHeld = Math.Max(MinHeldElements, (long)limits.MaxOutstandingRequests * Math.Max(limits.FullThreshold, PrefixComparison.FewElements));
    }

    /// <summary>Whether nothing will be received any more. Something may be left to send.</summary>
    public bool IsEnded => _end is not null;

    /// <summary>Whether the transport may go on reading; false while too much waits to be sent.</summary>
    /// <remarks>
    /// Only answers count, as two sides that both have to get rid of their requests before they read would wait for each other. And only more of
    /// them than the own requests can lead to, where the other side has the same limits.
    /// </remarks>
    public bool CanReceive => !IsEnded && Outbox.Answers < _maxAnswers && Outbox.HeldByAnswers < _maxHeld;

    private protected IPartitionTree Tree { get; }

    private protected SessionLimits Limits { get; }

    private protected Outbox Outbox { get; } = new();

    /// <summary>Whether little waits to be sent.</summary>
    private protected bool HasRoom => Outbox.Count < MinWaitingMessages && Outbox.HeldElements < MinHeldElements;

    private protected bool IsWithinElements => _elements > 0;

    /// <summary>Takes a message of the other side. What comes after the end is ignored.</summary>
    public void Receive(ReconMessage message)
    {
        if (IsEnded)
            return;

        if (message is ElementsPart part)
            ReceivePart(part);
        else if (IsWithinElements)
            Violate("a message within elements");
        else if (message is ElementsHeader header)
            ReceiveHeader(header);
        else if (message is ErrorReport error)
            Violate($"the peer reports an error: {error.Text}");
        else
            ReceiveMessage(message);
    }

    /// <summary>Says that there is nothing more to read at the moment. Without effect when that has been said already and nothing has moved.</summary>
    public virtual void Pause()
    {
    }

    /// <summary>Takes the next message to send; false when there is none at the moment.</summary>
    public virtual bool TryTake([NotNullWhen(true)] out ReconMessage? message) => Outbox.TryTake(out message);

    /// <summary>Whether messages come in rounds, each to be sent in one piece.</summary>
    public bool HoldsAnswers => Limits.IsHockeypuck;

    /// <summary>Says that the stream has ended, or that the transport gives up.</summary>
    public void Close() => End(SessionEnd.Closed);

    /// <summary>Says that what came is no message.</summary>
    /// <param name="reason">In words.</param>
    public void Violate(string reason)
    {
        if (!IsEnded)
            _reason = reason;
        End(SessionEnd.Violated);
    }

    /// <summary>What has come of it. Before the end: as if the stream ended now.</summary>
    public SessionResult GetResult() =>
        new(_end == SessionEnd.PeerIsMuchLarger ? [] : [.. _found.Order()], _end ?? SessionEnd.Closed, _reason, _peerCount);

    /// <summary>Takes a message that is neither of elements nor of an error.</summary>
    private protected abstract void ReceiveMessage(ReconMessage message);

    /// <summary>Says that elements have come to their end.</summary>
    private protected abstract void EndElements();

    /// <summary>All elements of a node, in the order in which they are sent.</summary>
    private protected Element[] ReadSorted(TreeNode node) => [.. (node.Elements ?? Tree.ReadElements(node.Prefix)).Order(ElementOrder.Numeric)];

    /// <summary>Notes how many elements the other side has altogether.</summary>
    private protected void NotePeerCount(long count)
    {
        _peerCount = count;
        CheckPeerSize(count);
    }

    /// <summary>Notes elements that only the other side has.</summary>
    private protected void Find(IEnumerable<Element> elements)
    {
        foreach (Element element in elements)
        {
            if (IsEnded)
                return;
            if (_found.Count < Limits.MaxDifferences)
                _found.Add(element);
            else if (!_found.Contains(element))
                End(SessionEnd.LimitReached);
        }
    }

    /// <summary>Says that all differences were found.</summary>
    private protected void Complete() => End(SessionEnd.Completed);

    /// <summary>What is left to say when a session ends before its end without a violation.</summary>
    private protected virtual void TakeLeave()
    {
    }

    private void ReceiveHeader(ElementsHeader header)
    {
        // Elements of different requests are different ones, so that the sum says how many the other side has at least.
        _announced += header.Count;
        CheckPeerSize(_announced);
        _elements = header.Count;
        if (_elements == 0 && !IsEnded)
            EndElements();
    }

    private void ReceivePart(ElementsPart part)
    {
        if (part.Elements.Count > _elements)
        {
            Violate("more elements than were announced");
            return;
        }

        _elements -= (uint)part.Elements.Count;
        Find(part.Elements);
        if (_elements == 0 && !IsEnded)
            EndElements();
    }

    private void CheckPeerSize(long count)
    {
        if (count > Limits.BootstrapThreshold && _localCount * MuchLarger < count)
            End(SessionEnd.PeerIsMuchLarger);
    }

    private void End(SessionEnd end)
    {
        if (IsEnded)
            return;

        _end = end;
        if (end == SessionEnd.Completed)
            return;
        bool isWithinElements = Outbox.IsWithinElements;
        Outbox.Clear();
        if (end is SessionEnd.LimitReached or SessionEnd.PeerIsMuchLarger && !isWithinElements)
            TakeLeave();
    }
}
