using Microsoft.Extensions.Time.Testing;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

public class PeriodicReportTests
{
    [Fact]
    public async Task Reports_come_with_time_and_end_with_the_work()
    {
        var time = new FakeTimeProvider();
        var work = new TaskCompletionSource<int>();
        int reports = 0;
        Task<int> loop = PeriodicReport.WhileAsync(work.Task, time, () =>
        {
            Interlocked.Increment(ref reports);
            return Task.CompletedTask;
        });

        // The loop waits anew after each report, so time must go on until it has noticed.
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return Volatile.Read(ref reports) >= 3;
            },
            "three reports",
            cancellationToken: TestContext.Current.CancellationToken);
        work.SetResult(42);

        Assert.Equal(42, await loop);
        int last = reports;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(last, reports);
    }

    [Fact]
    public async Task Nothing_is_reported_before_its_time()
    {
        var work = new TaskCompletionSource<int>();
        Task<int> loop = PeriodicReport.WhileAsync(work.Task, new FakeTimeProvider(), () => throw new InvalidOperationException());

        work.SetResult(1);

        Assert.Equal(1, await loop);
    }

    [Fact]
    public async Task Failure_of_the_work_is_thrown()
    {
        Task<int> work = Task.FromException<int>(new InvalidDataException());

        await Assert.ThrowsAsync<InvalidDataException>(() => PeriodicReport.WhileAsync(work, new FakeTimeProvider(), () => Task.CompletedTask));
    }
}
