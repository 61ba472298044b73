namespace Sks.TestSupport;

/// <summary>Waits for a condition that no event announces. Polls; never sleeps for a fixed time and hopes.</summary>
public static class Eventually
{
    /// <summary>Far above what anything here needs, so that a busy machine does not fail a test: 60 seconds.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as <paramref name="condition"/> does return true.</summary>
    /// <param name="condition">Is asked again and again; its token ends with the timeout.</param>
    /// <param name="what">Says in the exception what was waited for.</param>
    /// <param name="timeout">Default: <see cref="DefaultTimeout"/>.</param>
    /// <exception cref="TimeoutException">It did not become true in time.</exception>
    public static async Task IsTrueAsync(
        Func<CancellationToken, Task<bool>> condition,
        string what,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout ?? DefaultTimeout);
        try
        {
            while (!await condition(deadline.Token).ConfigureAwait(false))
                await Task.Delay(PollInterval, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"not within {timeout ?? DefaultTimeout}: {what}");
        }
    }

    /// <inheritdoc cref="IsTrueAsync(Func{CancellationToken, Task{bool}}, string, TimeSpan?, CancellationToken)"/>
    public static Task IsTrueAsync(
        Func<bool> condition, string what, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        IsTrueAsync(_ => Task.FromResult(condition()), what, timeout, cancellationToken);
}
