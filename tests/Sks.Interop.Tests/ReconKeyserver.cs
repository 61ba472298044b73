using System.Net;
using Microsoft.Extensions.Logging;
using Sks.HkpAdapter;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.Node.Peers;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>A node of ours that reconciles, at a loopback address of its own, as SKS recognises peers by address alone.</summary>
internal sealed class ReconKeyserver : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IPAddress _address;
    private readonly FreePort _reconPort;
    private readonly FreePort _hkpPort;
    private readonly TestLog _log = new();
    private readonly LoggerFactory _loggers;
    private HkpServer? _hkp;
    private Membership? _membership;
    private ReconServer? _recon;

    public ReconKeyserver(IPAddress address)
    {
        _address = address;
        _reconPort = FreePort.Reserve(address);
        _hkpPort = FreePort.Reserve(address);
        _loggers = new LoggerFactory([_log]);
        Node = KeyserverNode.Open(Options(), TimeProvider.System);
    }

    public KeyserverNode Node { get; private set; }

    /// <summary>Where it accepts peers, from the start of the object on.</summary>
    public IPEndPoint EndPoint => _reconPort.EndPoint;

    /// <summary>Where it serves HKP.</summary>
    public Uri KeyserverUri => new($"hkp://{_hkpPort.EndPoint}");

    /// <summary>What it logged, for failures of tests.</summary>
    public string Log => string.Join('\n', _log.Lines);

    /// <summary>The only peer, or the first.</summary>
    public PeerStatus Peer => Node.Peers.Read()[0];

    /// <summary>Takes keyrings in as an operator does.</summary>
    public async Task ImportAsync(params IEnumerable<string> keyrings)
    {
        foreach (string keyring in keyrings.Where(static keyring => new FileInfo(keyring).Length > 0))
        {
            await using FileStream stream = File.OpenRead(keyring);
            await foreach (SubmissionOutcome outcome in Node.Submissions.ImportAsync(stream, CancellationToken.None))
                Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
        }
    }

    /// <summary>Takes many certificates in, faster: the node is closed meanwhile.</summary>
    public async Task ImportOfflineAsync(string keyring)
    {
        await Node.DisposeAsync();
        await using (OfflineImport import = OfflineImport.Open(Options()))
        {
            await using FileStream stream = File.OpenRead(keyring);
            await import.ImportAsync(stream, static _ => { }, null, TestContext.Current.CancellationToken);
            await import.FinishAsync();
        }

        Node = KeyserverNode.Open(Options(), TimeProvider.System);
    }

    /// <summary>Serves HKP to peers and reconciles with them.</summary>
    /// <param name="peers">Where the peers accept.</param>
    /// <param name="configure">Changes the options; gossip is quick and on unless changed.</param>
    public async Task StartAsync(IEnumerable<IPEndPoint> peers, Action<ReconOptions>? configure = null)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        var options = new ReconOptions { Hostname = "127.0.0.98", Interval = TimeSpan.FromSeconds(0.5), Listen = [EndPoint.ToString()] };
        foreach (IPEndPoint peer in peers)
            options.Peers.Add(peer.ToString());
        configure?.Invoke(options);
        _membership = await Membership.StartAsync(options, Node.Peers, new SystemHostResolver(), _loggers, TimeProvider.System, token);
        var hkp = new HkpOptions();
        hkp.Listen.Clear();
        hkp.Listen.Add(_hkpPort.EndPoint.ToString());
        _hkp = await HkpServer.StartAsync(Node, hkp, _membership, _loggers, TimeProvider.System, token);
        _recon = await ReconServer.StartAsync(
            Node, options, _membership, _hkpPort.Number, _loggers, TimeProvider.System, token);
    }

    /// <summary>Stops serving and reconciling; the node goes on.</summary>
    public async Task StopAsync()
    {
        if (_recon is not null)
            await _recon.DisposeAsync();
        if (_hkp is not null)
            await _hkp.DisposeAsync();
        if (_membership is not null)
            await _membership.DisposeAsync();
        (_recon, _hkp, _membership) = (null, null, null);
    }

    /// <summary>Digests of all full views, in hex.</summary>
    public IReadOnlyList<string> Digests() =>
        [.. Node.ReadAll(ServedView.Full).Select(static certificate => certificate.Stored.SksDigest!.Value.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Waits for rounds in which this node contacted its peer, or was contacted, and found nothing.</summary>
    public async Task WaitForQuietRoundsAsync(int rounds)
    {
        long sessions = Peer.Sessions;
        long differences = Peer.Differences;
        await Eventually.IsTrueAsync(
            () => Peer.Sessions >= sessions + rounds, $"{rounds} more sessions; last error: {Peer.LastError}", null, TestContext.Current.CancellationToken);
        Assert.Equal(differences, Peer.Differences);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Node.DisposeAsync();
        _reconPort.Dispose();
        _hkpPort.Dispose();
        _loggers.Dispose();
        _folder.Dispose();
    }

    private KeyserverOptions Options() => new() { DataDirectory = _folder.Combine("store"), MinFreeDiskBytes = 0 };
}
