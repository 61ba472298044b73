using Sks.Reconciliation.Messages;
using Sks.Reconciliation.Sessions;

namespace Sks.Reconciliation.Tests;

/// <summary>A responder and an initiator that talk to each other without anything between them.</summary>
internal sealed class SessionPair(ResponderSession responder, InitiatorSession initiator)
{
    private readonly Queue<ReconMessage> _answers = [];

    public List<ReconMessage> FromResponder { get; } = [];

    public List<ReconMessage> FromInitiator { get; } = [];

    public int MostOutstanding { get; private set; }

    /// <summary>Runs until nothing moves any more. As SKS does, the initiator sends what it has when it is told to flush.</summary>
    public void Run()
    {
        bool moves = true;
        while (moves)
        {
            moves = false;
            if (!responder.IsEnded && _answers.Count == 0)
                responder.Pause();
            MostOutstanding = Math.Max(MostOutstanding, responder.OutstandingRequests);
            while (responder.TryTake(out ReconMessage? request))
            {
                FromResponder.Add(request);
                initiator.Receive(request);
                moves = true;
            }

            while (initiator.TryTake(out ReconMessage? answer))
            {
                FromInitiator.Add(answer);
                _answers.Enqueue(answer);
                moves = true;
            }

            if (_answers.TryDequeue(out ReconMessage? next))
            {
                responder.Receive(next);
                moves = true;
            }
        }
    }
}
