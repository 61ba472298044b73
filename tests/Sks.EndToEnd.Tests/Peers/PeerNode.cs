using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Admin.V1;
using Sks.Grpc;
using Sks.Keys.V1;
using Sks.TestSupport;
using AdminPeer = Sks.Admin.V1.Peer;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>An <c>sksd run</c> that has peers of its own kind, and SKS servers as peers where a test says so.</summary>
/// <remarks>It may be stopped or killed and started again as often as a test wants; ports that others know and the store stay.</remarks>
internal sealed class PeerNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FreePort _port = FreePort.Reserve();
    private readonly bool _listens;
    private readonly FreePort? _recon;
    private readonly FreePort? _hkp;
    private IReadOnlyList<string> _sksPeers = [];
    private (string Name, object Value)[] _settings = [];
    private RunningNode? _process;
    private GrpcChannel? _channel;

    /// <summary>Sets a node up that does not run yet.</summary>
    /// <param name="name">Names it in messages of tests.</param>
    /// <param name="listens">Whether it accepts peers; otherwise only it contacts others.</param>
    /// <param name="reconAddress">
    /// Where it serves HKP and accepts SKS servers, and where it contacts them from: a loopback address of its own, as SKS recognises
    /// peers by address alone. Null for no SKS recon.
    /// </param>
    public PeerNode(string name, bool listens = true, string? reconAddress = null)
    {
        Name = name;
        EndPoint = _port.EndPoint;
        _listens = listens;
        if (reconAddress is null)
            return;

        _recon = FreePort.Reserve(IPAddress.Parse(reconAddress));
        _hkp = FreePort.Reserve(IPAddress.Parse(reconAddress));
    }

    /// <summary>What a test calls it.</summary>
    public string Name { get; }

    /// <summary>Its store.</summary>
    public string Data => _folder.Combine("data");

    /// <summary>Where it accepts peers, whether it runs or not.</summary>
    public IPEndPoint EndPoint { get; private set; }

    /// <summary>Where it accepts SKS servers, whether it runs or not.</summary>
    public IPEndPoint ReconEndPoint => _recon?.EndPoint ?? throw new InvalidOperationException($"{Name} does not reconcile with SKS");

    /// <summary>Where others are told to reach it; null for where it listens. Before the start.</summary>
    public IPEndPoint? Advertised { get; set; }

    /// <summary>The running process.</summary>
    public RunningNode Process => _process ?? throw new InvalidOperationException($"start {Name} first");

    /// <summary>Id of the node: 64 hex digits. Known once it has started.</summary>
    public string Id { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private AdminService.AdminServiceClient Admin =>
        new(_channel ??= KeyserverChannel.ForSocket(Path.Combine(Data, "admin.sock")));

    /// <summary>A node that runs.</summary>
    public static async Task<PeerNode> StartNewAsync(string name, params (string Name, object Value)[] settings)
    {
        var node = new PeerNode(name);
        await node.StartAsync(settings);
        return node;
    }

    /// <summary>Accepts peers where another node did, which must not run meanwhile.</summary>
    public void TakePortOf(PeerNode other) => EndPoint = other.EndPoint;

    /// <summary>Makes these its SKS peers. Before the start.</summary>
    /// <param name="peers">Where they accept.</param>
    public void ReconcileWith(params IEnumerable<IPEndPoint> peers) => _sksPeers = [.. peers.Select(static peer => peer.ToString())];

    /// <summary>Makes its store a copy of this one's, identity and all. Neither may run.</summary>
    public void CopyDataTo(PeerNode other)
    {
        if (Directory.Exists(other.Data))
            Directory.Delete(other.Data, recursive: true);
        Copy(Data, other.Data);

        static void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            File.SetUnixFileMode(to, File.GetUnixFileMode(from));
            foreach (string file in Directory.EnumerateFiles(from).Where(static file => !file.EndsWith(".sock", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            foreach (string folder in Directory.EnumerateDirectories(from))
                Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    /// <summary>Takes keyrings in as an operator does, while it does not run.</summary>
    public async Task ImportAsync(params IEnumerable<string> keyrings) =>
        (await Sksd.RunAsync(["import", "--data", Data, .. keyrings])).EnsureSuccess();

    /// <summary>Starts it; compares and retries often unless told otherwise.</summary>
    /// <param name="settings">Whole names, with their section.</param>
    public Task StartAsync(params (string Name, object Value)[] settings)
    {
        _settings = settings;
        return RestartAsync();
    }

    /// <summary>Starts it with the settings it had last.</summary>
    public async Task RestartAsync()
    {
        Dictionary<string, object> all = new()
        {
            ["Peer:CompareInterval"] = "00:00:00.5",
            ["Peer:RetryInterval"] = "00:00:00.1",
            ["Recon:Hostname"] = "127.0.0.98",
            ["Recon:Interval"] = "00:00:00.5",
            ["Recon:Peers"] = _sksPeers,
        };
        foreach ((string name, object value) in _settings)
            all[name] = value;
        string config = _folder.Combine("sksd.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(all), Token);
        string[] advertise = Advertised is null ? [] : ["--advertise", Advertised.ToString()];
        _process = await RunningNode.StartAsync(
        [
            "--data", Data, "--hkp", _hkp?.EndPoint.ToString() ?? "127.0.0.1:0", "--grpc", "127.0.0.1:0",
            "--recon", _recon?.EndPoint.ToString() ?? "off",
            "--peer", _listens ? EndPoint.ToString() : "off", .. advertise, "--config", config,
        ]);
        Id = Convert.ToHexStringLower((await StatsAsync()).NodeId.Span);
    }

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

    /// <summary>Makes this node and another one peers, with one command each.</summary>
    public async Task JoinAsync(PeerNode inviter) => (await AcceptAsync(await inviter.InviteAsync())).EnsureSuccess();

    /// <summary><c>sksd peer invite</c>; returns the token.</summary>
    public async Task<string> InviteAsync() => (await Sksd.RunAsync("peer", "invite", "--data", Data)).EnsureSuccess().OutputLines[^1];

    /// <summary><c>sksd peer accept</c>.</summary>
    public Task<ProcessResult> AcceptAsync(string token) => Sksd.RunAsync("peer", "accept", token, "--data", Data);

    /// <summary><c>sksd peer add</c>.</summary>
    public async Task AddAsync(IPEndPoint address, string id) =>
        (await Sksd.RunAsync("peer", "add", address.ToString(), "--id", id, "--data", Data)).EnsureSuccess();

    /// <summary>Makes it a peer that is not contacted, but may contact this node.</summary>
    public async Task AdmitAsync(string id) => await Admin.AddPeerAsync(
        new AddPeerRequest { NodeId = ByteString.CopyFrom(Convert.FromHexString(id)) }, cancellationToken: Token);

    /// <summary><c>sksd peer remove</c>.</summary>
    public async Task RemoveAsync(string id) => (await Sksd.RunAsync("peer", "remove", id, "--data", Data)).EnsureSuccess();

    /// <summary>Runs some other verb on its store.</summary>
    public async Task<ProcessResult> RunAsync(params IReadOnlyList<string> arguments) =>
        (await Sksd.RunAsync([.. arguments, "--data", Data])).EnsureSuccess();

    /// <summary>What it knows of its peers, in the order of their names.</summary>
    public async Task<IReadOnlyList<AdminPeer>> ReadPeersAsync() =>
        (await Admin.ListPeersAsync(new ListPeersRequest(), cancellationToken: Token)).Peers;

    /// <summary>What it knows of one peer; null when that is none.</summary>
    public Task<AdminPeer?> FindPeerAsync(PeerNode peer) => FindPeerAsync(peer.Id);

    /// <summary>What it knows of the peer with this id; null when that is none.</summary>
    public async Task<AdminPeer?> FindPeerAsync(string id) =>
        (await ReadPeersAsync()).FirstOrDefault(candidate => Convert.ToHexStringLower(candidate.NodeId.Span) == id);

    /// <summary>Numbers about it.</summary>
    public async Task<GetStatsResponse> StatsAsync() => await Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Token);

    /// <summary>How many certificates it holds.</summary>
    public async Task<int> CountAsync() => (int)(await StatsAsync()).CertificateCount;

    /// <summary>Content digests of everything it serves, in hex and in order.</summary>
    public async Task<IReadOnlyList<string>> DigestsAsync() => await ReadAsync(
        DumpView.Clean, static certificate => Convert.ToHexStringLower(certificate.ContentDigest.Span));

    /// <summary>What SKS would call everything it holds: fingerprints and digests, in upper-case hex and in order.</summary>
    public async Task<IReadOnlyList<string>> SksDigestsAsync() => await ReadAsync(
        DumpView.Full, static certificate => $"{Convert.ToHexString(certificate.Fingerprint.Span)} {Convert.ToHexString(certificate.SksDigest.Span)}");

    /// <summary>Submits over gRPC; every one must be acknowledged as stored.</summary>
    public async Task SubmitAsync(params IEnumerable<byte[]> certificates)
    {
        var service = new KeyService.KeyServiceClient(_channel ??= KeyserverChannel.ForSocket(Path.Combine(Data, "admin.sock")));
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = service.Submit(cancellationToken: Token);
        Task<List<SubmitResponse>> answers = call.ResponseStream.ReadAllAsync(Token).ToListAsync(Token).AsTask();
        foreach (byte[][] some in certificates.Chunk(100))
            await call.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom([.. some.SelectMany(static bytes => bytes)]) }, Token);
        await call.RequestStream.CompleteAsync();
        Assert.All((await answers).SelectMany(static answer => answer.Outcomes), static outcome => Assert.NotEqual(SubmissionResult.Rejected, outcome.Result));
    }

    /// <summary>Submits over HKP; returns the status.</summary>
    public async Task<HttpStatusCode> AddOverHkpAsync(byte[] certificate)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("keytext", Encoding.ASCII.GetString(TestData.Armor(certificate)))]);
        using HttpResponseMessage response = await http.PostAsync(new Uri(Process.Hkp, "/pks/add"), form, Token);
        return response.StatusCode;
    }

    /// <summary>Whether it serves a certificate over HKP.</summary>
    public async Task<bool> ServesAsync(OpenPgp.Fingerprint fingerprint)
    {
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(
            new Uri(Process.Hkp, string.Create(CultureInfo.InvariantCulture, $"/pks/lookup?op=get&options=mr&search=0x{fingerprint}")), Token);
        return response.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Waits until its peers are as they should be.</summary>
    public Task WaitForPeersAsync(Func<IReadOnlyList<AdminPeer>, bool> condition, string what) =>
        WaitAsync(async () => condition(await ReadPeersAsync()), what);

    /// <summary>Waits until one peer is as it should be.</summary>
    public Task WaitForPeerAsync(PeerNode peer, Func<AdminPeer, bool> condition, string what) => WaitForPeerAsync(peer.Id, condition, what);

    /// <summary>Waits until the peer with this id is as it should be.</summary>
    public Task WaitForPeerAsync(string id, Func<AdminPeer, bool> condition, string what) =>
        WaitAsync(async () => await FindPeerAsync(id) is { } found && condition(found), what);

    /// <summary>Waits for something that this node brings about; a failure comes with what it knows and logged.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        try
        {
            await Eventually.IsTrueAsync(_ => condition(), what, Patience, Token);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}; {await DescribeAsync()}");
        }
    }

    /// <summary>Waits for so many more comparisons with one peer, whichever of the two begins them.</summary>
    public async Task WaitForRoundsAsync(PeerNode peer, ulong rounds)
    {
        ulong before = await CountRoundsAsync();
        await WaitAsync(async () => await CountRoundsAsync() >= before + rounds, $"{rounds} more comparisons of {Name} with {peer.Name}");

        async Task<ulong> CountRoundsAsync() =>
            ((await FindPeerAsync(peer))?.SessionCount ?? 0) + ((await peer.FindPeerAsync(this))?.SessionCount ?? 0);
    }

    /// <summary>Checks the store with <c>sksd check</c>.</summary>
    public async Task ExpectSoundAsync() => Assert.StartsWith("check: ok, ", (await RunAsync("check")).OutputLines[^1], StringComparison.Ordinal);

    /// <summary>What it knows and logged, for failures.</summary>
    public async Task<string> DescribeAsync()
    {
        if (_process is null)
            return $"{Name} does not run";
        string lines = string.Join('\n', Process.Output.TakeLast(60));
        try
        {
            return $"{Name}: {await CountAsync()} certificates\n{string.Join('\n', await ReadPeersAsync())}\n{lines}";
        }
        catch (RpcException e)
        {
            return $"{Name}: {e.Status}\n{lines}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetProcessAsync();
        _port.Dispose();
        _hkp?.Dispose();
        _recon?.Dispose();
        _folder.Dispose();
    }

    private async Task<IReadOnlyList<string>> ReadAsync(DumpView view, Func<Certificate, string> read)
    {
        List<string> found = [];
        using AsyncServerStreamingCall<DumpResponse> call = Admin.Dump(new DumpRequest { View = view }, cancellationToken: Token);
        await foreach (DumpResponse response in call.ResponseStream.ReadAllAsync(Token))
            found.AddRange(response.Certificates.Select(read));
        found.Sort(StringComparer.Ordinal);
        return found;
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
