using System.Diagnostics;
using System.Net;
using Sks.Admin.V1;
using Sks.LoadHarness.Synthetic;

namespace Sks.LoadHarness.Peers;

/// <summary>Two servers: one begins empty and gets everything from the other, then they are cut off from each other, differ, and become equal again.</summary>
/// <remarks>
/// Only the second one contacts the first, through a relay that counts what is on the socket. What messages are made of, the servers log
/// themselves.
/// </remarks>
/// <param name="program">Path of <c>sksd.dll</c>.</param>
/// <param name="folder">Where the stores go.</param>
internal sealed class PairRun(string program, string folder) : IAsyncDisposable
{
    private const int Comparisons = 10;
    private static readonly TimeSpan CompareInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly CountingRelay _relay = new();
    private SksdProcess? _first;
    private SksdProcess? _second;
    private IPEndPoint? _target;
    private int _next;

    private SksdProcess First => _first!;

    private SksdProcess Second => _second!;

    /// <summary>Fills the first server from a keyring as an operator does, and lets the second one get it all from there.</summary>
    public async Task<BootstrapFigures> BootstrapAsync(string keyring, int count)
    {
        string imported = Path.Combine(folder, "first");
        TimeSpan import = await SksdProcess.ImportAsync(program, imported, keyring).ConfigureAwait(false);
        _first = await SksdProcess.StartAsync(program, imported, "127.0.0.1:0", _relay.EndPoint.ToString(), CompareInterval).ConfigureAwait(false);
        _second = await SksdProcess.StartAsync(program, Path.Combine(folder, "second"), "off", null, CompareInterval).ConfigureAwait(false);
        GetStatsResponse stats = await First.Admin.GetStatsAsync(new GetStatsRequest());
        _target = IPEndPoint.Parse(stats.PeerAddresses.Single());
        _relay.Open(_target);
        (TimeSpan giverBefore, TimeSpan takerBefore) = (First.ProcessorTime, Second.ProcessorTime);
        long start = Stopwatch.GetTimestamp();
        await Second.JoinAsync(First).ConfigureAwait(false);
        while (await Second.CountAsync().ConfigureAwait(false) < count)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException("The second server does not get everything; its last lines:\n" + string.Join('\n', Second.Lines.TakeLast(30)));
            await Task.Delay(Step).ConfigureAwait(false);
        }

        _next = count;
        return new BootstrapFigures(
            import, Stopwatch.GetElapsedTime(start), First.ProcessorTime - giverBefore, Second.ProcessorTime - takerBefore, _relay.Bytes, new FileInfo(keyring).Length);
    }

    /// <summary>Counts what a comparison of equal sets takes.</summary>
    public async Task<EqualFigures> CompareEqualAsync()
    {
        // Between two of the lines that are written every ten seconds there are some comparisons, and nothing else.
        int seen = SessionTraffic.Read(Second.Lines).Count;
        await Second.WaitAsync(() => CountCompared() >= 1).ConfigureAwait(false);
        int before = CountCompared();
        await Second.WaitAsync(() => CountCompared() > before).ConfigureAwait(false);
        await Task.Delay(CompareInterval / 3).ConfigureAwait(false);
        (long bytes, int compared) = (_relay.Bytes, CountCompared());
        await Second.WaitAsync(() => CountCompared() >= compared + Comparisons).ConfigureAwait(false);
        await Task.Delay(CompareInterval / 3).ConfigureAwait(false);
        double socket = (double)(_relay.Bytes - bytes) / (CountCompared() - compared);
        await Second.WaitAsync(() => SessionTraffic.Read(Second.Lines).Count >= seen + 3).ConfigureAwait(false);
        SessionTraffic[] two = [.. SessionTraffic.Read(Second.Lines).Skip(seen + 1).Take(2)];
        return new EqualFigures((double)(two[1].Sync - two[0].Sync) / (two[1].Compared - two[0].Compared), socket);
    }

    /// <summary>Lets each server get half of some certificates while they are cut off, and takes the time and the bytes until they are equal again.</summary>
    public async Task<DifferenceFigures> DifferAsync(SyntheticKeyring keyring, int differences)
    {
        _relay.Cut();
        byte[][] all = [.. Enumerable.Range(_next, differences).Select(keyring.Create)];
        _next += differences;
        await First.SubmitAsync(all[..(differences / 2)]).ConfigureAwait(false);
        await Second.SubmitAsync(all[(differences / 2)..]).ConfigureAwait(false);
        ChangeFollower first = await ChangeFollower.StartAsync(First).ConfigureAwait(false);
        await using var _ = first.ConfigureAwait(false);
        ChangeFollower second = await ChangeFollower.StartAsync(Second).ConfigureAwait(false);
        await using var __ = second.ConfigureAwait(false);

        long bytes = _relay.Bytes;
        _relay.Open(_target!);
        long end = Math.Max(
            await first.WaitAsync(differences - (differences / 2)).ConfigureAwait(false), await second.WaitAsync(differences / 2).ConfigureAwait(false));
        long start = _relay.OpenedAt;
        await Task.Delay(CompareInterval / 2).ConfigureAwait(false);
        bytes = _relay.Bytes - bytes;

        // The session's last line, once it has ended, says what was sent in it.
        int lines = SessionTraffic.Read(Second.Lines).Count;
        _relay.Cut();
        await Second.WaitAsync(() => SessionTraffic.Read(Second.Lines).Count > lines).ConfigureAwait(false);
        SessionTraffic traffic = SessionTraffic.Read(Second.Lines)[^1];
        _relay.Open(_target!);
        return new DifferenceFigures(
            differences, Stopwatch.GetElapsedTime(start, end), traffic.Sync, traffic.Fetch, all.Sum(static one => (long)one.Length), bytes);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_second is not null)
            await _second.DisposeAsync().ConfigureAwait(false);
        if (_first is not null)
            await _first.DisposeAsync().ConfigureAwait(false);
        await _relay.DisposeAsync().ConfigureAwait(false);
    }

    private int CountCompared() => Second.Lines.Count(static line => line.Contains("Compared with peer ", StringComparison.Ordinal));
}

/// <summary>What it took to fill an empty server.</summary>
/// <param name="Import">How long <c>sksd import</c> took for the same certificates.</param>
/// <param name="Peer">How long it took from a peer, from taking up its invitation.</param>
/// <param name="GiverTime">Processor time of the server that had everything.</param>
/// <param name="TakerTime">Processor time of the other one.</param>
/// <param name="SocketBytes">Everything on the socket.</param>
/// <param name="KeyringBytes">The certificates alone.</param>
internal sealed record BootstrapFigures(TimeSpan Import, TimeSpan Peer, TimeSpan GiverTime, TimeSpan TakerTime, long SocketBytes, long KeyringBytes)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"import_s={Import.TotalSeconds:F2} peer_s={Peer.TotalSeconds:F2} ratio={Peer / Import:F2} giver_cpu_s={GiverTime.TotalSeconds:F2} "
        + $"taker_cpu_s={TakerTime.TotalSeconds:F2} socket_mb={SocketBytes / 1e6:F1} keyring_mb={KeyringBytes / 1e6:F1}";
}

/// <summary>What a comparison of equal sets takes.</summary>
/// <param name="MessageBytes">Bytes of messages, both ways.</param>
/// <param name="SocketBytes">Bytes on the socket, both ways.</param>
internal sealed record EqualFigures(double MessageBytes, double SocketBytes)
{
    /// <inheritdoc/>
    public override string ToString() => $"equal_message_bytes={MessageBytes:F1} equal_socket_bytes={SocketBytes:F1}";
}

/// <summary>What it took two servers to become equal.</summary>
/// <param name="Differences">Certificates that only one of them had.</param>
/// <param name="Time">From the connection to the moment at which both serve everything.</param>
/// <param name="SyncBytes">Bytes of messages that find the differences: hellos, exchange, wants, announces.</param>
/// <param name="FetchBytes">Bytes of messages that offer and give certificates, compressed where it pays.</param>
/// <param name="PayloadBytes">The certificates alone, as they were submitted.</param>
/// <param name="SocketBytes">Everything on the socket, handshakes included.</param>
internal sealed record DifferenceFigures(int Differences, TimeSpan Time, long SyncBytes, long FetchBytes, long PayloadBytes, long SocketBytes)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"differences={Differences} equal_ms={Time.TotalMilliseconds:F0} sync_bytes={(double)SyncBytes / Differences:F2} fetch_bytes={(double)FetchBytes / Differences:F1} "
        + $"payload_bytes={(double)PayloadBytes / Differences:F1} socket_bytes={(double)SocketBytes / Differences:F1} "
        + $"transport_bytes={(double)(SocketBytes - SyncBytes - FetchBytes) / Differences:F1}";
}
