using System.Threading.Channels;
using Sks.Node.Links;
using Sks.Reconciliation.Sketches;

namespace Sks.Grpc.Peers;

/// <summary>Runs the exchanges of a session, one after the other, in either role.</summary>
/// <param name="link">The link to the peer.</param>
/// <param name="policyVersion">The policy of the views.</param>
/// <param name="outbox">Where to send.</param>
/// <param name="budget">What the other side may cost.</param>
/// <param name="timeout">How long the other side may take to answer.</param>
/// <param name="time">The clock.</param>
internal sealed class ExchangeDriver(Link link, int policyVersion, SyncOutbox outbox, PeerBudget budget, TimeSpan timeout, TimeProvider time)
{
    // More than all cells of a sketch, or all lists or buckets that an honest side asks for at a time.
    private const int MaxWaitingMessages = 8192;
    private const long MaxWaitingBytes = 16 << 20;

    private readonly Channel<SketchMessage> _arrived = Channel.CreateBounded<SketchMessage>(new BoundedChannelOptions(MaxWaitingMessages) { SingleReader = true });
    private long _waitingBytes;
    private uint _exchange;
    private uint _lastDifference;

    /// <summary>Takes in a message of an exchange. Does not wait.</summary>
    /// <exception cref="PeerProtocolException">The other side sends what it was not asked for.</exception>
    /// <exception cref="PeerRefusedException">It does so over and over.</exception>
    public void Receive(SketchMessage message)
    {
        if (Interlocked.Add(ref _waitingBytes, Measure(message)) <= MaxWaitingBytes && _arrived.Writer.TryWrite(message))
            return;
        budget.SpendFailure();
        throw new PeerProtocolException("too many messages of an exchange at once");
    }

    /// <summary>Begins an exchange and sees it through.</summary>
    /// <param name="found">Given the differences as they are found; may wait, which slows the exchange down.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="PeerProtocolException">The other side breaks the protocol, or does not answer.</exception>
    /// <exception cref="PeerRefusedException">It asks for too much.</exception>
    public async Task<ExchangeResult> BeginAsync(Func<SketchDifference, CancellationToken, Task> found, CancellationToken cancellationToken)
    {
        (SketchImage image, IDigestSet set) = await FreezeAsync(cancellationToken).ConfigureAwait(false);
        _exchange++;
        var initiator = new ExchangeInitiator(image, set, _lastDifference, ExchangeLimits.Default);
        bool isAnswered = false;
        while (true)
        {
            await SendAsync(initiator, cancellationToken).ConfigureAwait(false);
            while (initiator.TryTakeDifference(out SketchDifference? difference))
                await found(difference, cancellationToken).ConfigureAwait(false);
            if (initiator.Result is { } result)
            {
                _lastDifference = (uint)Math.Min(result.MissingHere + result.OnlyHere, uint.MaxValue);
                return result.End == ExchangeEnd.Violated ? throw new PeerProtocolException("exchange: " + result.Reason) : result;
            }

            SketchMessage message = await ReadAsync(cancellationToken).ConfigureAwait(false);

            // The last exchange may have ended before all arrived that it had asked for. No answer to a beginning starts with these.
            isAnswered |= message is not (SketchCells or BucketPrefixes);
            if (isAnswered)
                initiator.Receive(message);
        }
    }

    /// <summary>Answers the exchanges that the other side begins, until it is cancelled.</summary>
    /// <param name="ended">Told what came of each, as the other side says.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PeerProtocolException">The other side breaks the protocol.</exception>
    /// <exception cref="PeerRefusedException">It asks for too much.</exception>
    public async Task AnswerAsync(Action<ExchangeResult> ended, CancellationToken cancellationToken)
    {
        ExchangeResponder? responder = null;
        await foreach (SketchMessage message in _arrived.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            Interlocked.Add(ref _waitingBytes, -Measure(message));
            if (message is ExchangeBegin begin)
            {
                budget.SpendComparison();
                if (responder is not null)
                    budget.SpendFailure();
                (SketchImage image, IDigestSet set) = await FreezeAsync(cancellationToken).ConfigureAwait(false);
                responder = new ExchangeResponder(image, set, begin, ExchangeLimits.Default);
            }
            else if (responder is null)
            {
                throw new PeerProtocolException("an exchange that was not begun");
            }
            else
            {
                responder.Receive(message);
            }

            await SendAsync(responder, cancellationToken).ConfigureAwait(false);
            if (responder.Result is not { } result)
                continue;
            if (result.End != ExchangeEnd.Violated)
                ended(result);
            if (result.End is ExchangeEnd.Violated or ExchangeEnd.Failed)
                budget.SpendFailure();
            if (result.End == ExchangeEnd.Violated)
                throw new PeerProtocolException("exchange: " + result.Reason);
            responder = null;
        }
    }

    private static long Measure(SketchMessage message) => message switch
    {
        SketchCells cells => cells.Data.Length,
        BucketPrefixes list => list.Prefixes.Length,
        SketchProbes probes => probes.Folded.Length,
        BucketFingerprints buckets => buckets.Fingerprints.Length + (sizeof(uint) * buckets.Sizes.Count),
        BucketRequest request => sizeof(uint) * request.Buckets.Count,
        _ => 0,
    };

    private async Task<(SketchImage Image, IDigestSet Set)> FreezeAsync(CancellationToken cancellationToken)
    {
        int builds = link.Builds;
        (SketchImage image, IDigestSet set) = await link.FreezeAsync(policyVersion, cancellationToken).ConfigureAwait(false);
        if (link.Builds != builds)
            budget.SpendBuild(image.Count);
        return (image, new MeteredDigestSet(set, image.Count, budget));
    }

    private async Task SendAsync(SketchExchange exchange, CancellationToken cancellationToken)
    {
        while (exchange.TryTake(out SketchMessage? message))
        {
            budget.SpendBytes(Measure(message));
            outbox.Post(ExchangeMapping.ToWire(message, _exchange, link.Key!.Epoch));
            await outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<SketchMessage> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            SketchMessage message = await _arrived.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _waitingBytes, -Measure(message));
            return message;
        }
        catch (TimeoutException)
        {
            throw new PeerProtocolException("no answer in an exchange");
        }
    }
}
