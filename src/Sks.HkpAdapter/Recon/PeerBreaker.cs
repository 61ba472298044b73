using Polly;
using Polly.CircuitBreaker;

namespace Sks.HkpAdapter.Recon;

/// <summary>Leaves a peer alone for a while with which nothing works: longer each time, up to an hour.</summary>
/// <remarks>After two failures in a row. The times vary, so that servers that have lost each other do not all come back at the same moment.</remarks>
internal sealed class PeerBreaker
{
    private const double Jitter = 0.2;
    private const int MaxDoublings = 10;
    private static readonly TimeSpan MinBreak = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxBreak = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxSampling = TimeSpan.FromDays(1);

    private readonly ResiliencePipeline _pipeline;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;

    /// <summary>Starts with good faith.</summary>
    /// <param name="interval">Time between rounds; the first break is as long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Numbers from 0 to 1.</param>
    public PeerBreaker(TimeSpan interval, TimeProvider time, Func<double> random)
    {
        _time = time;
        _random = random;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 1,
                MinimumThroughput = 2,
                SamplingDuration = Clamp(30 * interval, MinBreak, MaxSampling),
                ShouldHandle = new PredicateBuilder().Handle<PeerFailedException>(),
                BreakDurationGenerator = args => ValueTask.FromResult(BreakFor(interval, args.HalfOpenAttempts)),
                OnOpened = args =>
                {
                    Until = _time.GetUtcNow() + args.BreakDuration;
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Until when the peer is left alone; null when it was not so far. May be past.</summary>
    public DateTimeOffset? Until { get; private set; }

    /// <summary>Whether the peer is left alone now.</summary>
    public bool IsOpen => Until > _time.GetUtcNow();

    /// <summary>Runs an attempt. False when the peer is left alone.</summary>
    /// <exception cref="PeerFailedException">The attempt failed; that was counted.</exception>
    public async Task<bool> TryRunAsync(Func<CancellationToken, ValueTask> attempt, CancellationToken cancellationToken)
    {
        try
        {
            await _pipeline.ExecuteAsync(attempt, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (BrokenCircuitException)
        {
            return false;
        }
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;

    private TimeSpan BreakFor(TimeSpan interval, int attempts) =>
        Clamp(interval * Math.Pow(2, Math.Min(attempts, MaxDoublings)) * (1 + (Jitter * ((2 * _random()) - 1))), MinBreak, MaxBreak);
}
