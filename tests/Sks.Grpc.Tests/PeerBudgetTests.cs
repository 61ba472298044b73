using Microsoft.Extensions.Time.Testing;
using Sks.Grpc.Peers;
using Sks.Peer.V1;
using Sks.Reconciliation.Sketches;

namespace Sks.Grpc.Tests;

public class PeerBudgetTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    [Fact]
    public void Who_has_used_it_up_is_refused_for_a_time_that_doubles_to_an_hour_until_it_behaves()
    {
        var budget = new PeerBudget(new PeerOptions(), _time);
        foreach (int seconds in (int[])[30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
            Assert.Equal(TimeSpan.FromSeconds(seconds), ExceedAndWait(budget, budget.SpendComparison));

        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromSeconds(30), ExceedAndWait(budget, budget.SpendComparison));
    }

    [Fact]
    public void Who_comes_back_too_soon_waits_no_longer_for_that()
    {
        var budget = new PeerBudget(new PeerOptions(), _time);
        budget.Admit();
        Exceed(budget.SpendComparison);
        _time.Advance(TimeSpan.FromSeconds(10));

        PeerRefusedException refused = Assert.Throws<PeerRefusedException>(budget.Admit);

        Assert.Equal((ErrorCode.Busy, TimeSpan.FromSeconds(20), false), (refused.Code, refused.RetryAfter, refused.IsExcess));
        _time.Advance(TimeSpan.FromSeconds(20));
        budget.Admit();
    }

    [Fact]
    public void Nobody_is_told_to_come_back_before_there_is_something_left()
    {
        var budget = new PeerBudget(new PeerOptions { PeerKeyInterval = TimeSpan.FromMinutes(6) }, _time);
        Assert.Equal(TimeSpan.FromMinutes(6), Exceed(budget.SpendKey, 10).RetryAfter);
    }

    [Fact]
    public void A_comparison_and_a_connection_every_second_are_no_excess()
    {
        var budget = new PeerBudget(new PeerOptions(), _time);
        for (int second = 0; second < 100_000; second++)
        {
            budget.Admit();
            budget.SpendComparison();
            _time.Advance(TimeSpan.FromSeconds(0.8)); // the least that the pauses of honest peers vary to
        }
    }

    [Fact]
    public void Whoever_compares_more_often_may_be_compared_with_as_often()
    {
        var budget = new PeerBudget(new PeerOptions { CompareInterval = TimeSpan.FromSeconds(0.1) }, _time);
        for (int i = 0; i < 10_000; i++)
        {
            budget.SpendComparison();
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }
    }

    [Fact]
    public void Reading_the_whole_set_eight_times_is_no_excess_and_then_once_in_ten_minutes()
    {
        var budget = new PeerBudget(new PeerOptions(), _time);
        Exceed(() => budget.SpendScan(6_000_000, 6_000_000), 8);
        _time.Advance(TimeSpan.FromMinutes(10));
        budget.SpendScan(6_000_000, 6_000_000);

        // A set that is small is read more often before that is much.
        budget = new PeerBudget(new PeerOptions(), _time);
        Exceed(() => budget.SpendScan(15_625, 15_625), 8 * 64);
    }

    [Fact]
    public void A_new_sketch_for_each_comparison_is_no_excess()
    {
        var budget = new PeerBudget(new PeerOptions(), _time);
        for (int i = 0; i < 1000; i++)
        {
            budget.SpendComparison();
            budget.SpendBuild(6_000_000);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Exceed(() => budget.SpendBuild(6_000_000), 8);
    }

    [Fact]
    public void What_is_read_of_the_set_is_counted()
    {
        var budget = new PeerBudget(new PeerOptions(), _time);
        var set = new MeteredDigestSet(new FixedSet((1 << 14) - 16), 1 << 24, budget);
        Exceed(() => set.ReadBucket(7), 8 << 10);
        Assert.Equal(32, set.Find(7).Length);
    }

    [Fact]
    public void Bytes_are_counted_over_five_minutes()
    {
        var budget = new PeerBudget(new PeerOptions { PeerBytesPerSecond = 1024 }, _time);
        Exceed(() => budget.SpendBytes(1024), 300);
        _time.Advance(TimeSpan.FromSeconds(30));
        Exceed(() => budget.SpendBytes(1024), 30);

        budget = new PeerBudget(new PeerOptions { PeerBytesPerSecond = int.MaxValue }, _time);
        Exceed(() => budget.SpendBytes(int.MaxValue), 300);
    }

    private TimeSpan ExceedAndWait(PeerBudget budget, Action spend)
    {
        TimeSpan pause = Exceed(spend).RetryAfter;
        _time.Advance(pause);
        budget.Admit();
        return pause;
    }

    // At most so many times, or exactly as many as are expected.
    private static PeerRefusedException Exceed(Action spend, int? expected = null)
    {
        for (int i = 0; i < 10_000; i++)
        {
            if (Record.Exception(spend) is not { } exception)
                continue;
            if (expected is not null)
                Assert.Equal(expected, i);
            PeerRefusedException refused = Assert.IsType<PeerRefusedException>(exception);
            Assert.True(refused.IsExcess);
            return refused;
        }

        Assert.Fail("It has no end.");
        return null;
    }

    private sealed class FixedSet(int count) : IDigestSet
    {
        public byte[] ReadBucket(int bucket) => new byte[32 * count];

        public byte[] Find(ulong prefix) => new byte[32];
    }
}
