using System.Diagnostics.CodeAnalysis;

namespace Sks.Reconciliation.Sketches;

/// <summary>One side of an exchange: messages in, messages and differences out. No socket, no clock, no thread.</summary>
/// <remarks>
/// After each message that was received: send what <see cref="TryTake"/> gives, and take what <see cref="TryTakeDifference"/> gives. Whatever the other
/// side says, each message makes finitely much work, and what is kept is bounded by the size of the sketch and of one bucket.
/// What the set throws is passed on. For one thread at a time.
/// </remarks>
public abstract class SketchExchange
{
    private readonly Queue<SketchMessage> _outbox = [];
    private readonly Queue<SketchDifference> _differences = [];
    private long _missingHere;
    private long _onlyHere;

    private protected SketchExchange(SketchImage image, IDigestSet set, ExchangeLimits limits)
    {
        Image = image;
        Set = set;
        Limits = limits;
    }

    /// <summary>Whether it has ended; <see cref="TryTake"/> may still have something to send.</summary>
    public bool IsEnded => Result is not null;

    /// <summary>What came of it; null before it has ended.</summary>
    public ExchangeResult? Result { get; private set; }

    private protected SketchImage Image { get; }

    private protected IDigestSet Set { get; }

    private protected ExchangeLimits Limits { get; }

    private protected bool UsesBuckets { get; set; }

    /// <summary>Takes a message of the other side in. Decodes and reads the set as needed: may take milliseconds. What comes after the end is ignored.</summary>
    public void Receive(SketchMessage message)
    {
        if (!IsEnded)
            ReceiveMessage(message);
    }

    /// <summary>The next message to send. May read the set.</summary>
    public bool TryTake([NotNullWhen(true)] out SketchMessage? message)
    {
        if (!_outbox.TryDequeue(out message) && !IsEnded)
            message = Draw();
        return message is not null;
    }

    /// <summary>The next differences that are known. Those of one bucket come together, unless its list is longer than one message; the responder learns of
    /// none.</summary>
    public bool TryTakeDifference([NotNullWhen(true)] out SketchDifference? difference) => _differences.TryDequeue(out difference);

    private protected abstract void ReceiveMessage(SketchMessage message);

    /// <summary>Makes the next message when none waits; null when there is nothing to send.</summary>
    private protected virtual SketchMessage? Draw() => null;

    private protected void Send(SketchMessage message) => _outbox.Enqueue(message);

    /// <summary>Notes differences.</summary>
    private protected void Find(List<ulong> missingHere, List<ulong> onlyHere)
    {
        if (missingHere.Count == 0 && onlyHere.Count == 0)
            return;
        _missingHere += missingHere.Count;
        _onlyHere += onlyHere.Count;
        _differences.Enqueue(new SketchDifference(missingHere, onlyHere));
    }

    /// <summary>Sorts symbols by the side that has them, and notes them as differences.</summary>
    private protected void Find(IReadOnlyList<Symbol> symbols, SketchKey key)
    {
        List<ulong> missingHere = [];
        List<ulong> onlyHere = [];
        Symbol[] inOrder = [.. symbols];
        // Ascending, so that what is read to look one up is at hand for the next.
        Array.Sort(inOrder, static (one, other) => one.Prefix.CompareTo(other.Prefix));
        foreach (Symbol symbol in inOrder)
            (IsHere(symbol, key) ? onlyHere : missingHere).Add(symbol.Prefix);
        Find(missingHere, onlyHere);
    }

    /// <summary>Ends with the differences that were noted, and tells the other side.</summary>
    private protected void EndDecoded()
    {
        Send(new ExchangeVerdict(VerdictKind.Decoded, ToUInt32(_missingHere), ToUInt32(_onlyHere), Image.Fingerprint, (ulong)Image.Count));
        End(ExchangeEnd.Decoded);
    }

    /// <summary>Ends without having found everything, and tells the other side.</summary>
    private protected void Fail(string reason)
    {
        Send(new ExchangeVerdict(VerdictKind.Failed, ToUInt32(_missingHere), ToUInt32(_onlyHere), Image.Fingerprint, (ulong)Image.Count));
        End(ExchangeEnd.Failed, reason);
    }

    /// <summary>Ends because the other side has broken the protocol; nothing more is sent.</summary>
    private protected void Violate(string reason)
    {
        _outbox.Clear();
        End(ExchangeEnd.Violated, reason);
    }

    /// <summary>Ends as the other side says.</summary>
    private protected void EndAsTold(ExchangeVerdict verdict)
    {
        _missingHere = verdict.MissingThere;
        _onlyHere = verdict.MissingHere;
        if (verdict.Kind == VerdictKind.Failed)
            End(ExchangeEnd.Failed, "the other side gives up");
        else
            End(ExchangeEnd.Decoded);
    }

    /// <summary>Ends.</summary>
    private protected void End(ExchangeEnd end, string? reason = null) => Result = new ExchangeResult(end, _missingHere, _onlyHere, UsesBuckets, reason);

    private static uint ToUInt32(long number) => (uint)Math.Min(number, uint.MaxValue);

    private bool IsHere(in Symbol symbol, SketchKey key)
    {
        ReadOnlySpan<byte> digests = Set.Find(symbol.Prefix);
        for (; digests.Length >= Symbol.DigestLength; digests = digests[Symbol.DigestLength..])
        {
            if (Symbol.TagOf(key, digests) == symbol.Tag)
                return true;
        }

        return false;
    }
}
