using System.Globalization;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>An <c>sksd run</c> in the background, on free ports of loopback.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly RunningProcess _process;

    private RunningNode(RunningProcess process, Uri hkp, Uri grpc)
    {
        _process = process;
        Hkp = hkp;
        Grpc = grpc;
    }

    /// <summary>Where it serves HKP.</summary>
    public Uri Hkp { get; }

    /// <summary>Where it serves gRPC.</summary>
    public Uri Grpc { get; }

    /// <summary>Everything it has written so far.</summary>
    public IReadOnlyList<string> Output => _process.Output;

    /// <summary>The most memory it has had at a time, in bytes: VmHWM of Linux.</summary>
    public long ReadPeakMemory()
    {
        string status = string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/status");
        string line = File.ReadLines(status).Single(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Starts a node and returns when it has said that it serves.</summary>
    public static Task<RunningNode> StartAsync(string data, params string[] arguments) =>
        StartAsync(["--data", data, "--hkp", "127.0.0.1:0", "--recon", "127.0.0.1:0", "--grpc", "127.0.0.1:0", .. arguments]);

    /// <summary>Starts a node with these arguments and no others, and returns when it has said that it serves. It must serve HKP and gRPC.</summary>
    public static async Task<RunningNode> StartAsync(IReadOnlyList<string> arguments)
    {
        RunningProcess process = RunningProcess.Start(Sksd.Command(["run", .. arguments]));
        try
        {
            Uri hkp = await ReadAddressAsync(process, "hkp");
            Uri grpc = await ReadAddressAsync(process, "grpc");
            await process.WaitForLineAsync("Stop with Ctrl-C.", null, TestContext.Current.CancellationToken);
            return new RunningNode(process, hkp, grpc);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first line that contains <paramref name="text"/>.</summary>
    public Task<string> WaitForLineAsync(string text) => _process.WaitForLineAsync(text, null, TestContext.Current.CancellationToken);

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>Waits for the end, and returns the exit code.</summary>
    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync(null, TestContext.Current.CancellationToken);

    /// <summary>Asks it to end, and returns the exit code.</summary>
    public Task<int> StopAsync() => _process.TerminateAsync(null, TestContext.Current.CancellationToken);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<Uri> ReadAddressAsync(RunningProcess process, string listener)
    {
        string start = $"  {listener} ";
        string line = await process.WaitForLineAsync(
            candidate => candidate.StartsWith(start, StringComparison.Ordinal), null, TestContext.Current.CancellationToken);
        return new Uri(line[start.Length..].Trim());
    }
}
