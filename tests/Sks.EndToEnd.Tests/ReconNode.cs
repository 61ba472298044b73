using System.Net;
using System.Text.Json;
using Grpc.Net.Client;
using Sks.Admin.V1;
using Sks.Grpc;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>An <c>sksd run</c> that reconciles, at a loopback address of its own, as SKS recognises peers by address alone.</summary>
/// <remarks>It may be stopped or killed and started again as often as a test wants; addresses, ports and store stay.</remarks>
internal sealed class ReconNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly FreePort _recon;
    private readonly FreePort _hkp;
    private RunningNode? _process;
    private GrpcChannel? _channel;

    public ReconNode(string address)
    {
        _recon = FreePort.Reserve(IPAddress.Parse(address));
        _hkp = FreePort.Reserve(IPAddress.Parse(address));
    }

    /// <summary>Its store.</summary>
    public string Data => _folder.Combine("data");

    /// <summary>Where it accepts peers, whether it runs or not.</summary>
    public IPEndPoint EndPoint => _recon.EndPoint;

    /// <summary>Where it serves HKP.</summary>
    public IPEndPoint HkpEndPoint => _hkp.EndPoint;

    /// <summary>The running process.</summary>
    public RunningNode Process => _process ?? throw new InvalidOperationException("start it first");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private AdminService.AdminServiceClient Admin =>
        new(_channel ??= KeyserverChannel.ForSocket(Path.Combine(Data, "admin.sock")));

    /// <summary>Takes keyrings in as an operator does, while it does not run.</summary>
    public async Task ImportAsync(params IEnumerable<string> keyrings) =>
        (await Sksd.RunAsync(["import", "--data", Data, .. keyrings])).EnsureSuccess();

    /// <summary>Starts it with a configuration file.</summary>
    /// <param name="peers">Where the peers accept.</param>
    /// <param name="settings">Of the section <c>Recon</c> unless another one is named; gossip is quick if they say nothing else.</param>
    public Task StartAsync(IEnumerable<IPEndPoint> peers, params (string Name, object Value)[] settings)
    {
        Dictionary<string, object> all = new()
        {
            ["Recon:Hostname"] = "127.0.0.98",
            ["Recon:Interval"] = "00:00:00.5",
            ["Recon:Peers"] = peers.Select(static peer => peer.ToString()),
        };
        foreach ((string name, object value) in settings)
            all[name.Contains(':', StringComparison.Ordinal) ? name : "Recon:" + name] = value;
        string config = _folder.Combine("sksd.json");
        File.WriteAllText(config, JsonSerializer.Serialize(all));
        return StartWithAsync("--hkp", HkpEndPoint.ToString(), "--recon", EndPoint.ToString(), "--config", config);
    }

    /// <summary>Starts it with these arguments besides its store and gRPC.</summary>
    public async Task StartWithAsync(params string[] arguments) =>
        _process = await RunningNode.StartAsync(["--data", Data, "--grpc", "127.0.0.1:0", .. arguments]);

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await ForgetProcessAsync();
    }

    /// <summary>Ends it in good order.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, await Process.StopAsync());
        await ForgetProcessAsync();
    }

    /// <summary>How many certificates it holds.</summary>
    public async Task<int> CountAsync() =>
        (int)(await Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Token)).CertificateCount;

    /// <summary>What it knows of its peers, in the order of their names.</summary>
    public async Task<IReadOnlyList<Admin.V1.Peer>> ReadPeersAsync() =>
        (await Admin.ListPeersAsync(new ListPeersRequest(), cancellationToken: Token)).Peers;

    /// <summary>What <c>sksd peers</c> prints.</summary>
    public async Task<IReadOnlyList<string>> PeersVerbAsync() => (await Sksd.RunAsync("peers", "--data", Data)).EnsureSuccess().OutputLines;

    /// <summary>What <c>sksd peers --json</c> prints of the only peer.</summary>
    public async Task<JsonElement> PeersVerbJsonAsync()
    {
        ProcessResult result = (await Sksd.RunAsync("peers", "--data", Data, "--json")).EnsureSuccess();
        return JsonDocument.Parse(Assert.Single(result.OutputLines)).RootElement;
    }

    /// <summary>Waits until its peers are as they should be.</summary>
    public Task WaitForPeersAsync(Func<IReadOnlyList<Admin.V1.Peer>, bool> condition, string what) =>
        WaitAsync(async () => condition(await ReadPeersAsync()), what);

    /// <summary>Waits for something that this node brings about; a failure comes with what it logged.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        try
        {
            await Eventually.IsTrueAsync(_ => condition(), what, Patience, Token);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}; {await CountAsync()} certificates here:\n{string.Join('\n', Process.Output)}");
        }
    }

    /// <summary>Waits for so many more sessions with each peer, in which nothing may be found.</summary>
    public async Task WaitForQuietRoundsAsync(ulong rounds)
    {
        IReadOnlyList<Admin.V1.Peer> before = await ReadPeersAsync();
        await WaitForPeersAsync(
            peers => peers.Zip(before).All(pair => pair.First.SessionCount >= pair.Second.SessionCount + rounds), $"{rounds} more sessions with each peer");
        Assert.Equal(before.Select(static peer => peer.DifferenceCount), (await ReadPeersAsync()).Select(static peer => peer.DifferenceCount));
    }

    /// <summary>Checks the store with <c>sksd check</c>.</summary>
    public async Task ExpectSoundAsync(int certificates)
    {
        ProcessResult check = (await Sksd.RunAsync("check", "--data", Data)).EnsureSuccess();
        Assert.StartsWith($"check: ok, {certificates} certificates", check.OutputLines[^1], StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetProcessAsync();
        _hkp.Dispose();
        _recon.Dispose();
        _folder.Dispose();
    }

    private async Task ForgetProcessAsync()
    {
        _channel?.Dispose();
        _channel = null;
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }
}
