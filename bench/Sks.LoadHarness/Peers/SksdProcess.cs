using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Admin.V1;
using Sks.Grpc;
using Sks.Keys.V1;

namespace Sks.LoadHarness.Peers;

/// <summary>An <c>sksd run</c> on loopback that has peers of its own kind, and nothing else that listens on the network but HKP and gRPC.</summary>
internal sealed class SksdProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly GrpcChannel _channel;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    private SksdProcess(Process process, string data)
    {
        _process = process;
        _channel = KeyserverChannel.ForSocket(Path.Combine(data, "admin.sock"));
        Admin = new AdminService.AdminServiceClient(_channel);
        Keys = new KeyService.KeyServiceClient(_channel);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What its operator does.</summary>
    public AdminService.AdminServiceClient Admin { get; }

    /// <summary>What its users do.</summary>
    public KeyService.KeyServiceClient Keys { get; }

    /// <summary>Processor time it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What it has logged.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Starts a server and returns when it serves.</summary>
    /// <param name="program">Path of <c>sksd.dll</c>.</param>
    /// <param name="data">Its store.</param>
    /// <param name="peer">Where it accepts peers: <c>ADDR:PORT</c>, or <c>off</c>.</param>
    /// <param name="advertise">Where others are told to reach it; null for where it listens.</param>
    /// <param name="compareInterval">Time between two comparisons.</param>
    public static async Task<SksdProcess> StartAsync(string program, string data, string peer, string? advertise, TimeSpan compareInterval)
    {
        string[] more = advertise is null ? [] : ["--advertise", advertise];
        ProcessStartInfo start = Describe(
            program, ["run", "--data", data, "--hkp", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--recon", "off", "--peer", peer, .. more]);
        start.Environment["SKS__Log__Level"] = "Debug";
        start.Environment["SKS__Peer__RetryInterval"] = "00:00:00.1";
        start.Environment["SKS__Peer__CompareInterval"] = compareInterval.ToString("c", CultureInfo.InvariantCulture);
        var process = new SksdProcess(Process.Start(start)!, data);
        try
        {
            await process.WaitAsync(() => process.Lines.Any(static line => line.StartsWith("Stop with Ctrl-C", StringComparison.Ordinal))).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs <c>sksd import</c> to its end.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> ImportAsync(string program, string data, string keyring)
    {
        long start = Stopwatch.GetTimestamp();
        using Process import = Process.Start(Describe(program, ["import", "--data", data, keyring]))!;
        Task<string> output = import.StandardOutput.ReadToEndAsync();
        string errors = await import.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await output.ConfigureAwait(false);
        await import.WaitForExitAsync().ConfigureAwait(false);
        return import.ExitCode == 0 ? Stopwatch.GetElapsedTime(start) : throw new InvalidOperationException("sksd import failed: " + errors);
    }

    /// <summary>Makes it and another server peers by an invitation of the other one.</summary>
    public async Task JoinAsync(SksdProcess inviter)
    {
        InvitePeerResponse invitation = await inviter.Admin.InvitePeerAsync(new InvitePeerRequest());
        AcceptPeerResponse accepted = await Admin.AcceptPeerAsync(new AcceptPeerRequest { Token = invitation.Token });
        if (accepted.Status != AcceptPeerStatus.Accepted)
            throw new InvalidOperationException($"The invitation does no good: {accepted.Status} {accepted.Detail}");
    }

    /// <summary>Submits certificates and returns when all are stored.</summary>
    public async Task SubmitAsync(params IEnumerable<byte[]> certificates)
    {
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = Keys.Submit();
        Task<bool> isTaken = ReadOutcomesAsync(call.ResponseStream);
        foreach (byte[][] some in certificates.Chunk(100))
            await call.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom([.. some.SelectMany(static bytes => bytes)]) }).ConfigureAwait(false);
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        if (!await isTaken.ConfigureAwait(false))
            throw new InvalidOperationException("A certificate was rejected.");
    }

    /// <summary>How many certificates it holds.</summary>
    public async Task<long> CountAsync() => (long)(await Admin.GetStatsAsync(new GetStatsRequest())).CertificateCount;

    /// <summary>Waits for something that it logs or does.</summary>
    public async Task WaitAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException("sksd does not do what it should; its last lines:\n" + string.Join('\n', Lines.TakeLast(30)));
            await Task.Delay(Step).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        using (_process)
        {
            if (_process.HasExited)
                return;
            using (Process signal = Process.Start("kill", _process.Id.ToString(CultureInfo.InvariantCulture)))
                await signal.WaitForExitAsync().ConfigureAwait(false);
            using var patience = new CancellationTokenSource(Farewell);
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
    }

    private static ProcessStartInfo Describe(string program, string[] arguments) =>
        new("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };

    private static async Task<bool> ReadOutcomesAsync(IAsyncStreamReader<SubmitResponse> answers)
    {
        bool isTaken = true;
        await foreach (SubmitResponse answer in answers.ReadAllAsync().ConfigureAwait(false))
            isTaken &= answer.Outcomes.All(static outcome => outcome.Result != SubmissionResult.Rejected);
        return isTaken;
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lock)
            _lines.Add(line);
    }
}
