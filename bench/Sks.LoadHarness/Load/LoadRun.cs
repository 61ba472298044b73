using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sks.LoadHarness.Load;

/// <summary>How much load, and for how long at most.</summary>
/// <param name="Server">Where the server listens; loopback only.</param>
/// <param name="Connections">Requests under way at a time.</param>
/// <param name="Duration">Ends the run.</param>
/// <param name="MaxRequests">Ends the run, too.</param>
internal sealed record LoadPlan(IPEndPoint Server, int Connections, TimeSpan Duration, int MaxRequests);

/// <summary>Sends requests over several connections, each one's next when its last was answered, and measures.</summary>
internal sealed class LoadRun(LoadPlan plan, Func<int, byte[]> requestOf)
{
    private readonly LatencyHistogram _latencies = new();
    private readonly Lock _lock = new();
    private int _next = -1;
    private long _bodyBytes;
    private long _failures;

    /// <summary>Runs to the end and says what was measured, in one line of names and values.</summary>
    public string Run()
    {
        if (!IPAddress.IsLoopback(plan.Server.Address))
            throw new ArgumentException($"{plan.Server} is not on loopback: this program loads its own machine only.");

        long start = Stopwatch.GetTimestamp();
        TimeSpan processorStart = Environment.CpuUsage.TotalTime;
        Thread[] threads = [.. Enumerable.Range(0, plan.Connections).Select(_ => new Thread(() => Work(start)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double processor = (Environment.CpuUsage.TotalTime - processorStart).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"requests={_latencies.Count} failures={_failures} seconds={seconds:F2} rate={_latencies.Count / seconds:F0} "
            + $"p50_ms={_latencies.Quantile(0.5).TotalMilliseconds:F3} p99_ms={_latencies.Quantile(0.99).TotalMilliseconds:F3} "
            + $"body_mb={_bodyBytes / 1e6:F1} client_cpu_s={processor:F2}");
    }

    private void Work(long start)
    {
        var latencies = new LatencyHistogram();
        long bodyBytes = 0;
        long failures = 0;
        using var connection = new HttpConnection(plan.Server);
        while (Stopwatch.GetElapsedTime(start) < plan.Duration)
        {
            int number = Interlocked.Increment(ref _next);
            if (number >= plan.MaxRequests)
                break;
            byte[] request = requestOf(number);
            long sent = Stopwatch.GetTimestamp();
            try
            {
                (int status, long length) = connection.Send(request);
                bodyBytes += length;
                failures += status == (int)HttpStatusCode.OK ? 0 : 1;
                latencies.RecordSince(sent);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                failures++;
            }
        }

        lock (_lock)
        {
            _latencies.Add(latencies);
            _bodyBytes += bodyBytes;
            _failures += failures;
        }
    }
}
