using System.Diagnostics;
using Sks.LoadHarness.Synthetic;

namespace Sks.LoadHarness.Peers;

/// <summary>Lets certificates travel along a row of servers, each a peer of the next one, and takes the time.</summary>
/// <param name="program">Path of <c>sksd.dll</c>.</param>
/// <param name="folder">Where the stores go.</param>
/// <param name="length">How many servers.</param>
internal sealed class ChainRun(string program, string folder, int length)
{
    private static readonly TimeSpan CompareInterval = TimeSpan.FromMinutes(1);

    /// <summary>Submits certificates to the first server, each when the last server has the one before.</summary>
    /// <param name="keyring">Where they come from.</param>
    /// <param name="warmUp">How many are not counted, as the servers compile meanwhile.</param>
    /// <param name="count">How many are counted.</param>
    public async Task<ChainFigures> RunAsync(SyntheticKeyring keyring, int warmUp, int count)
    {
        List<SksdProcess> servers = [];
        List<ChangeFollower> followers = [];
        try
        {
            for (int i = 0; i < length; i++)
            {
                servers.Add(await SksdProcess.StartAsync(program, Path.Combine(folder, $"chain{i}"), "127.0.0.1:0", null, CompareInterval).ConfigureAwait(false));
                if (i > 0)
                    await servers[i].JoinAsync(servers[i - 1]).ConfigureAwait(false);
                followers.Add(await ChangeFollower.StartAsync(servers[i]).ConfigureAwait(false));
            }

            List<double> hops = [];
            List<double> ends = [];
            List<double> stored = [];
            for (int number = 0; number < warmUp + count; number++)
            {
                byte[] certificate = keyring.Create(number);
                long start = Stopwatch.GetTimestamp();
                await servers[0].SubmitAsync(certificate).ConfigureAwait(false);
                TimeSpan acknowledged = Stopwatch.GetElapsedTime(start);
                long[] times = new long[length];
                for (int i = 0; i < length; i++)
                    times[i] = await followers[i].WaitAsync(number + 1).ConfigureAwait(false);
                if (number < warmUp)
                    continue;
                stored.Add(acknowledged.TotalMilliseconds);
                hops.AddRange(Enumerable.Range(0, length - 1).Select(i => Stopwatch.GetElapsedTime(times[i], times[i + 1]).TotalMilliseconds));
                ends.Add(Stopwatch.GetElapsedTime(start, times[^1]).TotalMilliseconds);
            }

            return new ChainFigures(hops, ends, stored);
        }
        finally
        {
            foreach (ChangeFollower follower in followers)
                await follower.DisposeAsync().ConfigureAwait(false);
            foreach (SksdProcess server in servers)
                await server.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>How long certificates were on their way; everything in milliseconds.</summary>
/// <param name="Hops">From one server to the next: between the moments at which either says it has it.</param>
/// <param name="Ends">From its submission to the last server.</param>
/// <param name="Stored">Until the first server has acknowledged it.</param>
internal sealed record ChainFigures(IReadOnlyList<double> Hops, IReadOnlyList<double> Ends, IReadOnlyList<double> Stored)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"certificates={Ends.Count} hop_p50_ms={Quantile(Hops, 0.5):F1} hop_p99_ms={Quantile(Hops, 0.99):F1} hop_max_ms={Hops.Max():F1} "
        + $"end_p50_ms={Quantile(Ends, 0.5):F1} end_p99_ms={Quantile(Ends, 0.99):F1} end_max_ms={Ends.Max():F1} "
        + $"stored_p50_ms={Quantile(Stored, 0.5):F1} stored_p99_ms={Quantile(Stored, 0.99):F1}";

    private static double Quantile(IReadOnlyList<double> all, double share) =>
        all.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(share * all.Count) - 1));
}
