using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.Storage;

namespace Sks.HkpAdapter.Tests.Recon;

public sealed class PeerBreakerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private PeerBreaker _breaker;
    private double _random = 0.5;
    private int _attempts;

    public PeerBreakerTests() => _breaker = New(Interval);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_failures_in_a_row_leave_the_peer_alone_for_an_interval()
    {
        await FailAsync();
        Assert.False(_breaker.IsOpen);
        Assert.Null(_breaker.Until);

        await FailAsync();
        Assert.True(_breaker.IsOpen);
        Assert.Equal(_time.GetUtcNow() + Interval, _breaker.Until);

        _time.Advance(Interval - TimeSpan.FromTicks(1));
        await SucceedAsync();
        Assert.Equal(2, _attempts);
        Assert.True(_breaker.IsOpen);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(_breaker.IsOpen);
    }

    [Fact]
    public async Task A_success_between_failures_makes_them_count_from_the_start()
    {
        for (int i = 0; i < 5; i++)
        {
            await FailAsync();
            await SucceedAsync();
        }

        await FailAsync();
        Assert.Null(_breaker.Until);
        await FailAsync();
        Assert.True(_breaker.IsOpen);
    }

    [Fact]
    public async Task Many_successes_do_not_make_up_for_two_failures()
    {
        for (int i = 0; i < 20; i++)
            await SucceedAsync();

        await FailAsync();
        await FailAsync();

        Assert.True(_breaker.IsOpen);
    }

    [Fact]
    public async Task A_busy_peer_has_neither_failed_nor_succeeded()
    {
        await BeBusyAsync();
        await FailAsync();
        Assert.False(_breaker.IsOpen);

        await BeBusyAsync();
        await BeBusyAsync();
        Assert.False(_breaker.IsOpen);
        await FailAsync();
        Assert.True(_breaker.IsOpen);

        // The break is over, but it takes a success to be trusted again.
        _time.Advance(Interval);
        await BeBusyAsync();
        Assert.False(_breaker.IsOpen);
        await FailAsync();
        Assert.Equal(_time.GetUtcNow() + (2 * Interval), _breaker.Until);
    }

    [Fact]
    public async Task What_is_not_the_peers_fault_does_not_count()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await FailAsync();

        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _breaker.RunAsync(Task.FromCanceled<bool>, cancelled.Token));
            await Assert.ThrowsAsync<StorageException>(
                () => _breaker.RunAsync(static _ => throw new StorageException(StorageErrorKind.Closed, "closing"), Token));
        }

        Assert.Null(_breaker.Until);
        await FailAsync();
        Assert.True(_breaker.IsOpen);
    }

    [Fact]
    public async Task Breaks_become_longer_up_to_an_hour_and_one_failure_is_enough_for_the_next()
    {
        await FailAsync();
        foreach (int minutes in (int[])[1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60])
        {
            await FailAsync();
            Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(minutes), _breaker.Until);
            _time.Advance(TimeSpan.FromMinutes(minutes));
        }
    }

    [Fact]
    public async Task A_success_after_a_break_brings_back_good_faith()
    {
        await FailAsync();
        await FailAsync();
        _time.Advance(Interval);
        await FailAsync();
        _time.Advance(2 * Interval);

        await SucceedAsync();

        await FailAsync();
        Assert.False(_breaker.IsOpen);
        await FailAsync();
        Assert.Equal(_time.GetUtcNow() + Interval, _breaker.Until);
    }

    [Theory]
    [InlineData(0, 48)]
    [InlineData(0.25, 54)]
    [InlineData(1, 72)]
    public async Task A_break_varies_by_a_fifth(double random, int seconds)
    {
        _random = random;

        await FailAsync();
        await FailAsync();

        Assert.Equal(seconds, (_breaker.Until!.Value - _time.GetUtcNow()).TotalSeconds, 3);
    }

    [Theory]
    [InlineData(0.1, 0.5)]
    [InlineData(86_400, 3600)]
    public async Task A_break_takes_half_a_second_at_least_and_an_hour_at_most(double interval, double seconds)
    {
        _breaker = New(TimeSpan.FromSeconds(interval));
        _random = 1;

        await FailAsync();
        await FailAsync();

        Assert.Equal(seconds, (_breaker.Until!.Value - _time.GetUtcNow()).TotalSeconds, 3);
    }

    [Fact]
    public async Task Failures_more_than_a_day_apart_are_not_in_a_row()
    {
        await FailAsync();
        _time.Advance(TimeSpan.FromHours(25));
        await FailAsync();
        Assert.Null(_breaker.Until);

        _time.Advance(TimeSpan.FromHours(12));
        await FailAsync();
        Assert.True(_breaker.IsOpen);
    }

    private PeerBreaker New(TimeSpan interval) => new(interval, _time, () => _random);

    private Task SucceedAsync() => RunAsync(static () => true);

    private Task BeBusyAsync() => RunAsync(static () => false);

    private async Task FailAsync()
    {
        int before = _attempts;
        PeerFailedException failure = await Assert.ThrowsAsync<PeerFailedException>(() => RunAsync(static () => throw new PeerFailedException("no answer")));
        Assert.Equal("no answer", failure.Message);
        Assert.Equal(before + 1, _attempts);
    }

    private Task RunAsync(Func<bool> attempt) => _breaker.RunAsync(
        token =>
        {
            Assert.Equal(Token, token);
            _attempts++;
            return Task.FromResult(attempt());
        },
        Token);
}
