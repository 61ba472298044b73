using Polly;
using Polly.CircuitBreaker;

namespace Sks.HkpAdapter.Recon;

/// <summary>Leaves a peer alone for a while with which nothing works: longer each time, up to an hour.</summary>
/// <remarks>
/// After two failures without a success between them, within a day. The times vary, so that servers that have lost each other do not all come back
/// at the same moment.
/// </remarks>
internal sealed class PeerBreaker
{
    private const double Jitter = 0.2;
    private const int MaxDoublings = 10;
    private static readonly TimeSpan MinBreak = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxBreak = TimeSpan.FromHours(1);
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly TimeSpan _interval;
    private ResiliencePipeline _pipeline;

    /// <summary>Starts with good faith.</summary>
    /// <param name="interval">Time between rounds; the first break is as long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Numbers from 0 to 1.</param>
    public PeerBreaker(TimeSpan interval, TimeProvider time, Func<double> random)
    {
        _time = time;
        _random = random;
        _interval = interval;
        _pipeline = CreatePipeline();
    }

    /// <summary>Until when the peer is left alone; null when it was not so far. May be past.</summary>
    public DateTimeOffset? Until { get; private set; }

    /// <summary>Whether the peer is left alone now.</summary>
    public bool IsOpen => Until > _time.GetUtcNow();

    /// <summary>Runs an attempt, unless the peer is left alone.</summary>
    /// <param name="attempt">Says whether it was a success; false when it was neither that nor a failure.</param>
    /// <param name="cancellationToken">Given to the attempt.</param>
    /// <exception cref="PeerFailedException">The attempt failed; that was counted.</exception>
    public async Task RunAsync(Func<CancellationToken, Task<bool>> attempt, CancellationToken cancellationToken)
    {
        if (IsOpen)
            return;
        try
        {
            // The library goes by proportions; with a new one, earlier failures count no more.
            if (await attempt(cancellationToken).ConfigureAwait(false))
                _pipeline = CreatePipeline();
        }
        catch (PeerFailedException e)
        {
            await CountAsync(e, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;

    // The library is told of failures alone. It would take all else for a success: a peer that is busy now and then could never be left alone.
    private async Task CountAsync(PeerFailedException failure, CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        await _pipeline.ExecuteOutcomeAsync(static (_, e) => ValueTask.FromResult(Outcome.FromException<bool>(e)), context, failure).ConfigureAwait(false);
        ResilienceContextPool.Shared.Return(context);
    }

    private ResiliencePipeline CreatePipeline() => new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 1,
            MinimumThroughput = 2,
            SamplingDuration = Memory,
            ShouldHandle = new PredicateBuilder().Handle<PeerFailedException>(),
            BreakDurationGenerator = args => ValueTask.FromResult(BreakFor(args.HalfOpenAttempts)),
            OnOpened = args =>
            {
                Until = _time.GetUtcNow() + args.BreakDuration;
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    private TimeSpan BreakFor(int attempts) =>
        Clamp(_interval * Math.Pow(2, Math.Min(attempts, MaxDoublings)) * (1 + (Jitter * ((2 * _random()) - 1))), MinBreak, MaxBreak);
}
