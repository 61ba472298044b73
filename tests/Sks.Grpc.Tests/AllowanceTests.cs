using Microsoft.Extensions.Time.Testing;
using Sks.Grpc.Peers;

namespace Sks.Grpc.Tests;

public class AllowanceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_is_used_up_at_once_and_comes_back_evenly()
    {
        var allowance = new Allowance(3, TimeSpan.FromSeconds(10), _time);
        Assert.Equal(3, CountTaken(allowance));
        Assert.Equal(TimeSpan.FromSeconds(10), allowance.Wait);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, allowance.Wait);
        Assert.Equal(1, CountTaken(allowance));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(3, CountTaken(allowance));
    }

    [Fact]
    public void Whoever_takes_more_than_is_left_waits_for_it()
    {
        var allowance = new Allowance(3, TimeSpan.FromSeconds(10), _time);
        Assert.True(allowance.TryTake(5));
        Assert.False(allowance.TryTake(0.5));
        Assert.Equal(TimeSpan.FromSeconds(30), allowance.Wait);
        _time.Advance(TimeSpan.FromSeconds(24));
        Assert.False(allowance.TryTake(0.5));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(allowance.TryTake(0.5));
    }

    private static int CountTaken(Allowance allowance)
    {
        int taken = 0;
        while (allowance.TryTake(1))
            taken++;
        return taken;
    }
}
