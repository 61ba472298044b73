using System.Diagnostics.CodeAnalysis;
using Sks.Reconciliation.Messages;

namespace Sks.Reconciliation.Sessions;

/// <summary>Messages that wait to be sent, in order. Elements are drawn from their source only when it is their turn.</summary>
internal sealed class Outbox
{
    private const int PartElements = 1024;

    private readonly Queue<Waiting> _messages = [];
    private IEnumerator<Element>? _elements;
    private uint _remaining;

    /// <summary>How many messages wait.</summary>
    public int Count => _messages.Count;

    /// <summary>How many elements are in memory for messages that wait.</summary>
    public long HeldElements { get; private set; }

    /// <summary>How many of the messages are answers.</summary>
    public int Answers { get; private set; }

    /// <summary>How many of the elements are held for answers.</summary>
    public long HeldByAnswers { get; private set; }

    /// <summary>Whether elements were announced that have not all been taken yet.</summary>
    public bool IsWithinElements => _elements is not null;

    /// <summary>Adds a message that nobody asked for.</summary>
    /// <param name="message">What to send.</param>
    /// <param name="held">How many elements it keeps in memory.</param>
    public void Add(ReconMessage message, int held = 0) => Enqueue(new Waiting(message, held, IsAnswer: false, null));

    /// <summary>Adds an answer.</summary>
    /// <inheritdoc cref="Add"/>
    public void AddAnswer(ReconMessage message, int held = 0) => Enqueue(new Waiting(message, held, IsAnswer: true, null));

    /// <summary>Adds elements, which are an answer.</summary>
    /// <param name="count">Exactly as many as <paramref name="source"/> will give.</param>
    /// <param name="source">The elements, drawn when they are sent.</param>
    /// <param name="held">How many elements it keeps in memory.</param>
    public void AddElements(uint count, IEnumerable<Element> source, int held) =>
        Enqueue(new Waiting(new ElementsHeader(count), held, IsAnswer: true, source));

    /// <summary>Takes the next message; false when none waits.</summary>
    /// <exception cref="InvalidOperationException">A source gave fewer elements than were announced.</exception>
    public bool TryTake([NotNullWhen(true)] out ReconMessage? message)
    {
        message = null;
        if (_elements is not null)
        {
            message = TakePart(_elements);
        }
        else if (_messages.TryDequeue(out Waiting next))
        {
            Note(next, -1);
            message = next.Message;
            if (message is ElementsHeader { Count: > 0 } header)
            {
                _remaining = header.Count;
                _elements = next.Source!.GetEnumerator();
            }
        }

        return message is not null;
    }

    /// <summary>Drops what waits.</summary>
    public void Clear()
    {
        _messages.Clear();
        HeldElements = 0;
        HeldByAnswers = 0;
        Answers = 0;
        _elements?.Dispose();
        _elements = null;
    }

    private void Enqueue(Waiting waiting)
    {
        Note(waiting, 1);
        _messages.Enqueue(waiting);
    }

    private void Note(Waiting waiting, int change)
    {
        HeldElements += change * waiting.Held;
        if (!waiting.IsAnswer)
            return;
        HeldByAnswers += change * waiting.Held;
        Answers += change;
    }

    private ElementsPart TakePart(IEnumerator<Element> elements)
    {
        var part = new Element[Math.Min(_remaining, PartElements)];
        for (int i = 0; i < part.Length; i++)
        {
            if (!elements.MoveNext())
                throw new InvalidOperationException("The tree has fewer elements than its nodes count.");
            part[i] = elements.Current;
        }

        _remaining -= (uint)part.Length;
        if (_remaining == 0)
        {
            elements.Dispose();
            _elements = null;
        }

        return new ElementsPart(part);
    }

    private readonly record struct Waiting(ReconMessage Message, int Held, bool IsAnswer, IEnumerable<Element>? Source);
}
