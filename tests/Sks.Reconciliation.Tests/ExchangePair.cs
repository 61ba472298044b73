using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>Both sides of an exchange without anything between them.</summary>
internal sealed class ExchangePair
{
    private const int MostSteps = 1_000_000;

    private ExchangePair(ExchangeInitiator initiator) => Initiator = initiator;

    public ExchangeInitiator Initiator { get; }

    public ExchangeResponder? Responder { get; private set; }

    public List<SketchMessage> FromInitiator { get; } = [];

    public List<SketchMessage> FromResponder { get; } = [];

    public List<ulong> MissingHere { get; } = [];

    public List<ulong> OnlyHere { get; } = [];

    /// <summary>Cells of the whole sketch that were sent.</summary>
    public int Cells => FromResponder.OfType<SketchCells>().Where(static cells => cells.Bucket == 0).Sum(static cells => cells.Data.Length / 16);

    /// <summary>Runs until nothing moves.</summary>
    /// <param name="change">What becomes of a message of the responder on its way.</param>
    public static ExchangePair Run(
        SketchImage ours, IDigestSet here, SketchImage theirs, IDigestSet there, uint last = 0, Func<SketchMessage, IEnumerable<SketchMessage>>? change = null)
    {
        var pair = new ExchangePair(new ExchangeInitiator(ours, here, last, ExchangeLimits.Default));
        int steps = 0;
        for (bool moves = true; moves;)
        {
            Assert.True(steps++ < MostSteps, "It goes on without end.");
            moves = false;
            while (pair.Initiator.TryTake(out SketchMessage? asked))
            {
                moves = true;
                pair.FromInitiator.Add(asked);
                if (asked is ExchangeBegin begin)
                    pair.Responder = new ExchangeResponder(theirs, there, begin, ExchangeLimits.Default);
                else
                    pair.Responder!.Receive(asked);
            }

            if (pair.Responder!.TryTake(out SketchMessage? answer))
            {
                moves = true;
                pair.FromResponder.Add(answer);
                foreach (SketchMessage changed in change?.Invoke(answer) ?? [answer])
                    pair.Initiator.Receive(changed);
            }

            while (pair.Initiator.TryTakeDifference(out SketchDifference? difference))
            {
                pair.MissingHere.AddRange(difference.MissingHere);
                pair.OnlyHere.AddRange(difference.OnlyHere);
            }
        }

        return pair;
    }
}
