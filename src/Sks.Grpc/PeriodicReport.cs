namespace Sks.Grpc;

/// <summary>Tells a client how long work goes.</summary>
internal static class PeriodicReport
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Reports twice a second until <paramref name="work"/> ends; never two reports at a time, and none afterwards.</summary>
    /// <exception cref="Exception">What <paramref name="work"/> or <paramref name="report"/> threw.</exception>
    public static async Task<T> WhileAsync<T>(Task<T> work, TimeProvider time, Func<Task> report)
    {
        while (!work.IsCompleted)
        {
            using var next = new CancellationTokenSource();
            Task pause = Task.Delay(Period, time, next.Token);
            if (await Task.WhenAny(work, pause).ConfigureAwait(false) == pause)
                await report().ConfigureAwait(false);
            await next.CancelAsync().ConfigureAwait(false);
        }

        return await work.ConfigureAwait(false);
    }
}
