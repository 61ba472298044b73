using System.Threading.Channels;
using Sks.Node.Links;
using Sks.OpenPgp;
using Sks.Peer.V1;
using Sks.Storage;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>Draws the consequences of what was fetched, or not: phantoms, counts, and the next wants.</summary>
/// <param name="link">The link to the peer.</param>
/// <param name="outbox">Where the peer is told what is refused.</param>
/// <param name="changed">Called when something was stored.</param>
internal sealed class FetchSettlement(Link link, SyncOutbox outbox, Action changed)
{
    // Two versions of one certificate become one within two rounds; what comes a third time will come for ever.
    private const int MaxInVain = 3;
    private const int MaxRemembered = 8192;

    private readonly Channel<FetchOutcome> _outcomes = Channel.CreateUnbounded<FetchOutcome>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<ulong, int> _inVain = [];

    /// <summary>Notes an outcome. Does not wait; there are never more than may be outstanding.</summary>
    public void Post(FetchOutcome outcome) => _outcomes.Writer.TryWrite(outcome);

    /// <summary>Works on what arrives until it is cancelled.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task RunAsync(WantQueue wants, CancellationToken cancellationToken)
    {
        await foreach (FetchOutcome outcome in _outcomes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (outcome.Changed)
                changed();
            if (outcome.Result == IntakeResult.Refused && outcome.Reason is { } reason && reason != RefusalReason.Busy)
                outbox.Post(new SyncMessage { Reject = new Reject { Prefixes = DigestPrefixes.Write([outcome.Prefix]), Reason = reason.ToMessage() } });
            if (outcome.Digest is { } digest && IsHopeless(outcome))
                await AddPhantomAsync(digest, outcome.Result is null || outcome.Reason is RefusalReason.TooLarge or RefusalReason.Invalid, cancellationToken).ConfigureAwait(false);

            // Another link can do better only where this one gave nothing.
            bool isDone = outcome is { Result: IntakeResult.Held or IntakeResult.Merged } or { Result: IntakeResult.Refused, Reason: RefusalReason.Restricted };
            wants.Settle(outcome.Prefix, isDone);
            if (outcome.Result == IntakeResult.Incomplete)
                wants.Add([outcome.Prefix]);
        }
    }

    private bool IsHopeless(FetchOutcome outcome) => outcome switch
    {
        { Reason: RefusalReason.Restricted or RefusalReason.TooLarge or RefusalReason.Invalid } => true,
        { Result: IntakeResult.Merged } => IsInVainAgain(outcome.Prefix),
        _ => false,
    };

    private bool IsInVainAgain(ulong prefix)
    {
        if (_inVain.Count >= MaxRemembered)
            _inVain.Clear();
        _inVain[prefix] = _inVain.GetValueOrDefault(prefix) + 1;
        return _inVain[prefix] >= MaxInVain;
    }

    private async Task AddPhantomAsync(ContentDigest digest, bool endsUnannounced, CancellationToken cancellationToken)
    {
        try
        {
            await link.AddPhantomAsync(digest, endsUnannounced, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            // It comes again, and is refused again.
        }
    }
}
