using System.Diagnostics;
using Grpc.Core;
using Sks.Keys.V1;

namespace Sks.LoadHarness.Peers;

/// <summary>Notes when each change of a server became visible, by KeyService.Watch: from then on it serves the certificate.</summary>
internal sealed class ChangeFollower : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly AsyncServerStreamingCall<WatchResponse> _call;
    private readonly Lock _lock = new();
    private readonly List<long> _times = [];
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChangeFollower(AsyncServerStreamingCall<WatchResponse> call)
    {
        _call = call;
        _reading = ReadAsync();
    }

    /// <summary>How many changes there were so far.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _times.Count;
        }
    }

    /// <summary>Follows from now on.</summary>
    public static async Task<ChangeFollower> StartAsync(SksdProcess server)
    {
        AsyncServerStreamingCall<WatchResponse> call = server.Keys.Watch(new WatchRequest());
        // The first response only says where it begins.
        return await call.ResponseStream.MoveNext().ConfigureAwait(false) ? new ChangeFollower(call) : throw new IOException("Nothing to follow.");
    }

    /// <summary>Waits until there were so many changes.</summary>
    /// <returns>When the last of them came: a <see cref="Stopwatch"/> timestamp.</returns>
    /// <exception cref="TimeoutException">They do not come.</exception>
    public async Task<long> WaitAsync(int count)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_times.Count >= count)
                    return _times[count - 1];
                more = _more.Task;
            }

            await more.WaitAsync(Patience).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadAsync()
    {
        await foreach (WatchResponse response in _call.ResponseStream.ReadAllAsync().ConfigureAwait(false))
        {
            long now = Stopwatch.GetTimestamp();
            TaskCompletionSource more;
            lock (_lock)
            {
                _times.AddRange(Enumerable.Repeat(now, response.Changes.Count));
                (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            more.TrySetResult();
        }
    }
}
