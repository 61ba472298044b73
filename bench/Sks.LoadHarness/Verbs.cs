using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sks.LoadHarness.Load;
using Sks.LoadHarness.Sessions;
using Sks.LoadHarness.Sketches;
using Sks.LoadHarness.Synthetic;
using Sks.Node;
using Sks.Storage;

namespace Sks.LoadHarness;

/// <summary>What the harness can do. Each prints one line of names and values.</summary>
internal static class Verbs
{
    private const int WrongUsage = 2;

    // No other verb's certificates have it by default.
    private const int SessionSeed = 11;

    public static int Usage()
    {
        Console.Error.WriteLine(
            """
            generate N FILE [--seed S] [--first N]   write N small certificates
            import FOLDER FILE...                    import keyrings offline
            check FOLDER                             compare what is derived with the certificates
            paths KEYRING FILE                       write one HKP get path a line
            get ADDR:PORT KEYRING [OPTIONS]          load a server on loopback with HKP gets
            add ADDR:PORT KEYRING [OPTIONS]          load a server on loopback with HKP adds, each certificate once
            sessions RELAY PEER HKP1 HKP2 N...       let two equal servers differ by N certificates and reconcile, for each N
              All ADDR:PORT. RELAY: where server 1 looks for server 2. PEER: where server 2 accepts peers.
            sketches N RUNS D...                     compare two sets of N digests in memory that differ by D, for each D
            chain SKSD FOLDER LENGTH N               let N certificates travel along a row of servers; SKSD is sksd.dll, FOLDER for their stores
            pair SKSD FOLDER N RUNS D...             fill an empty server from one that has N certificates; then let them differ by D, for each D
            compression KEYRING                      compress what a Fetch stream would carry for a keyring, small and large certificates apart
            OPTIONS: --connections N (8) --seconds S (10) --requests N --close 1 (one request a connection)
            """);
        return WrongUsage;
    }

    public static int Generate(string count, string file, HarnessOptions options)
    {
        using FileStream stream = File.Create(file);
        new SyntheticKeyring(options.Seed).Write(stream, options.First, int.Parse(count, NumberStyles.None, CultureInfo.InvariantCulture));
        Console.WriteLine($"certificates={count} bytes={stream.Length}");
        return 0;
    }

    public static async Task<int> ImportAsync(string folder, string[] files)
    {
        long start = Stopwatch.GetTimestamp();
        long rejected = 0;
        var import = OfflineImport.Open(new KeyserverOptions { DataDirectory = folder });
        await using (import.ConfigureAwait(false))
        {
            foreach (string file in files)
            {
                FileStream keyring = File.OpenRead(file);
                await using (keyring.ConfigureAwait(false))
                    await import.ImportAsync(keyring, _ => rejected++, null, CancellationToken.None).ConfigureAwait(false);
            }

            await import.FinishAsync().ConfigureAwait(false);
        }

        BulkCounts counts = import.Counts;
        Console.WriteLine(
            $"added={counts.Added} updated={counts.Updated} unchanged={counts.Unchanged} rejected={rejected} "
            + $"seconds={Stopwatch.GetElapsedTime(start).TotalSeconds:F3} cpu_s={Environment.CpuUsage.TotalTime.TotalSeconds:F3} "
            + $"peak_mb={Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} allocated_mb={GC.GetTotalAllocatedBytes() / 1e6:F0}");
        return 0;
    }

    public static async Task<int> CheckAsync(string folder)
    {
        var node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = folder }, TimeProvider.System);
        await using (node.ConfigureAwait(false))
        {
            CheckReport report = await node.CheckAsync(repair: false, null, CancellationToken.None).ConfigureAwait(false);
            Console.WriteLine($"certificates={report.Certificates} differences={report.DifferenceCount}");
            return report.DifferenceCount == 0 ? 0 : 1;
        }
    }

    public static int WritePaths(string keyring, string file)
    {
        File.WriteAllLines(file, HkpRequests.Read(keyring).GetPaths());
        return 0;
    }

    public static int Get(string server, string keyring, HarnessOptions options)
    {
        byte[][] requests = HkpRequests.Read(keyring).Gets(options.Closes);
        var plan = new LoadPlan(IPEndPoint.Parse(server), options.Connections, options.Duration, options.MaxRequests);
        Console.WriteLine(new LoadRun(plan, number => requests[number % requests.Length]).Run());
        return 0;
    }

    public static int Add(string server, string keyring, HarnessOptions options)
    {
        byte[][] requests = HkpRequests.Read(keyring).Adds();
        int most = Math.Min(options.MaxRequests, requests.Length);
        var plan = new LoadPlan(IPEndPoint.Parse(server), options.Connections, options.Duration, most);
        Console.WriteLine(new LoadRun(plan, number => requests[number]).Run());
        return 0;
    }

    public static async Task<int> SessionsAsync(string listen, string responder, string initiatorHkp, string responderHkp, string[] differences)
    {
        var run = new SessionRun(IPEndPoint.Parse(listen), IPEndPoint.Parse(responder), IPEndPoint.Parse(initiatorHkp), IPEndPoint.Parse(responderHkp));
        int[] counts = [.. differences.Select(static count => int.Parse(count, NumberStyles.None, CultureInfo.InvariantCulture))];
        await foreach (string line in run.RunAsync(new SyntheticKeyring(SessionSeed), counts).ConfigureAwait(false))
            Console.WriteLine(line);
        return 0;
    }

    public static int Sketches(string size, string runs, string[] differences)
    {
        var run = new SketchRun(int.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture));
        // So that nothing is measured that is compiled meanwhile.
        run.MeasureUpdate(10_000);
        for (int seed = 0; seed < 20; seed++)
            run.Run(500, seed);
        Console.WriteLine($"elements={size} build_s={run.BuildTime.TotalSeconds:F3} update_us={run.MeasureUpdate(100_000).TotalMicroseconds:F3} "
            + $"update_20_links_us={SketchRun.MeasureLinks(20, 256, 100).TotalMicroseconds:F1} update_20_links_single_us={SketchRun.MeasureLinks(20, 1, 20_000).TotalMicroseconds:F1}");
        int count = int.Parse(runs, NumberStyles.None, CultureInfo.InvariantCulture);
        foreach (int difference in differences.Select(static text => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)))
        {
            SketchFigures[] all = [.. Enumerable.Range(0, count).Select(seed => run.Run(difference, seed))];
            Console.WriteLine(
                $"differences={difference} runs={count} cells={Mean(one => one.NeededCells) / difference:F3} cells_p99={P99(one => one.NeededCells) / difference:F3} "
                + $"sent_cells={Mean(one => one.SentCells) / difference:F3} cell_bytes={16 * Mean(one => one.SentCells) / difference:F2} "
                + $"probe_bytes={Mean(one => one.ProbeBytes) / difference:F2} announce_bytes={Mean(one => one.AnnounceBytes) / difference:F2} "
                + $"message_bytes={Mean(one => one.MessageBytes) / difference:F2} rounds={Mean(one => one.Rounds):F2} rounds_p99={P99(one => one.Rounds):F0} "
                + $"decode_us={Mean(one => one.DecodeTime.TotalMicroseconds) / difference:F3} "
                + $"lookup_us={Mean(one => one.LookupTime.TotalMicroseconds) / difference:F3} whole_ms={Mean(one => one.WholeTime.TotalMilliseconds):F3} by_buckets={all.Count(static one => one.UsedBuckets)}");

            double Mean(Func<SketchFigures, double> select) => all.Average(select);

            double P99(Func<SketchFigures, double> select) => all.Select(select).Order().ElementAt((int)Math.Ceiling(0.99 * count) - 1);
        }

        return 0;
    }
}
