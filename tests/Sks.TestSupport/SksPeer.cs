using System.Globalization;
using System.Net;
using System.Text;

namespace Sks.TestSupport;

/// <summary>A real SKS server (Debian's build) with its own database, on loopback.</summary>
/// <remarks>
/// The usual order is <see cref="BuildAsync"/>, <see cref="CleanAsync"/>, <see cref="PbuildAsync"/>,
/// <see cref="StartDbAsync"/>, <see cref="StartReconAsync"/>; <see cref="ServeAsync"/> does the first four. For an empty
/// server build from no file and leave out clean and pbuild, which die on an empty database; its filters are then
/// <c>yminsky.dedup</c> alone, and peers that were cleaned refuse to reconcile with it.
/// </remarks>
public sealed partial class SksPeer : IAsyncDisposable
{
    private static readonly string[] Folders =
        ["etc/sks", "var/lib/sks/dump", "var/lib/sks/www", "var/log/sks", "var/run/sks", "var/spool/sks/messages"];

    private readonly string _program;
    private readonly TemporaryFolder _folder = new();
    private readonly FreePort _hkp;
    private readonly FreePort _recon;
    private RunningProcess? _dbProcess;
    private RunningProcess? _reconProcess;

    private SksPeer(string program, SksPeerOptions options)
    {
        _program = program;
        _hkp = FreePort.Reserve(options.Address);
        _recon = FreePort.Reserve(options.Address);

        // Debian prefixes every path with the base folder and dies when one of these is missing.
        foreach (var folder in Folders)
            Directory.CreateDirectory(_folder.Combine(folder));

        WriteConfiguration(options);
        WriteMembership(options.Membership);
        File.WriteAllText(_folder.Combine("etc/sks/mailsync"), "");
    }

    /// <summary>Base folder, as in <c>-basedir</c>: <c>etc/sks</c>, <c>var/lib/sks</c>, <c>var/log/sks</c> below it.</summary>
    public string Folder => _folder.Path;

    /// <summary>Where it serves HKP.</summary>
    public IPEndPoint HkpEndPoint => _hkp.EndPoint;

    /// <summary>Where it accepts SKS recon, from members only.</summary>
    public IPEndPoint ReconEndPoint => _recon.EndPoint;

    /// <summary>HKP for HTTP clients: <c>http://ADDRESS:PORT/</c>.</summary>
    public Uri HkpUri => new($"http://{HkpEndPoint}/");

    /// <summary>HKP as gpg wants it: <c>hkp://ADDRESS:PORT</c>.</summary>
    public Uri KeyserverUri => new($"hkp://{HkpEndPoint}");

    /// <summary>Sets up an empty base folder. Skips or fails the test when there is no SKS.</summary>
    public static SksPeer Create(SksPeerOptions? options = null) => new(InteropTool.Require("sks"), options ?? new SksPeerOptions());

    /// <summary>A server with the keys of <paramref name="keyrings"/>, built, cleaned and serving HKP. Recon is not started.</summary>
    /// <param name="keyrings">Binary keyrings; none for an empty server.</param>
    public static async Task<SksPeer> ServeAsync(
        IReadOnlyList<string> keyrings, SksPeerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var peer = Create(options);
        try
        {
            await peer.BuildAsync(keyrings, cancellationToken).ConfigureAwait(false);
            if (keyrings.Count > 0)
            {
                await peer.CleanAsync(cancellationToken).ConfigureAwait(false);
                await peer.PbuildAsync(cancellationToken).ConfigureAwait(false);
            }

            await peer.StartDbAsync(cancellationToken).ConfigureAwait(false);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Replaces the members. Before <see cref="StartReconAsync"/>; a running one looks again only after hours.</summary>
    public void WriteMembership(IEnumerable<IPEndPoint> members) =>
        File.WriteAllLines(
            _folder.Combine("etc/sks/membership"),
            members.Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Address} {member.Port}")));

    /// <summary><c>sks build</c>: makes the key database. There must be none yet.</summary>
    /// <param name="keyrings">Binary keyrings; none makes an empty database.</param>
    public Task BuildAsync(IReadOnlyList<string> keyrings, CancellationToken cancellationToken = default)
    {
        if (keyrings.Count == 0)
        {
            var empty = _folder.Combine("empty.pgp");
            File.WriteAllBytes(empty, []);
            keyrings = [empty];
        }

        return RunAsync("build", keyrings, cancellationToken);
    }

    /// <summary><c>sks cleandb</c>: merges entries of one key and sets the filters that cleaned peers demand.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken = default)
    {
        // Debian's binary crashes at the end of the first run, after it has done and recorded its work.
        var first = await ProcessRunner.RunAsync(Command("cleandb"), null, cancellationToken).ConfigureAwait(false);
        if (first.ExitCode != 0)
            await RunAsync("cleandb", [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary><c>sks pbuild</c>: makes the partition tree.</summary>
    public Task PbuildAsync(CancellationToken cancellationToken = default) => RunAsync("pbuild", [], cancellationToken);

    /// <summary>Starts <c>sks db</c> and returns when it answers over HKP.</summary>
    public async Task StartDbAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(_dbProcess, cancellationToken).ConfigureAwait(false);
        _dbProcess = RunningProcess.Start(Command("db"));
        await _dbProcess.WaitForPortAsync(HkpEndPoint, null, cancellationToken).ConfigureAwait(false);
        // The port accepts before the database is open; the first answer comes after.
        await GetAsync("/pks/lookup?op=stats", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts <c>sks recon</c>, which needs a running db, and returns when its port accepts.</summary>
    public async Task StartReconAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(_reconProcess, cancellationToken).ConfigureAwait(false);
        _reconProcess = RunningProcess.Start(Command("recon"));
        await _reconProcess.WaitForPortAsync(ReconEndPoint, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends both processes in good order. Either may be started again.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(_reconProcess, cancellationToken).ConfigureAwait(false);
        await StopAsync(_dbProcess, cancellationToken).ConfigureAwait(false);
        _reconProcess = _dbProcess = null;
    }

    /// <summary>Kills <c>sks db</c> with SIGKILL. It may be started again.</summary>
    public Task KillDbAsync(CancellationToken cancellationToken = default) => KillAsync(ref _dbProcess, cancellationToken);

    /// <summary>Kills <c>sks recon</c> with SIGKILL. It may be started again.</summary>
    public Task KillReconAsync(CancellationToken cancellationToken = default) => KillAsync(ref _reconProcess, cancellationToken);

    /// <summary><c>sks dump</c> into <paramref name="folder"/>. Only while the db is stopped.</summary>
    /// <returns>Paths of the <c>.pgp</c> files, in order.</returns>
    public async Task<IReadOnlyList<string>> DumpAsync(string folder, int keysPerFile, CancellationToken cancellationToken = default)
    {
        if (_dbProcess is { HasExited: false })
            throw new InvalidOperationException("stop the db first: two SKS processes cannot share a database");

        await RunAsync("dump", [keysPerFile.ToString(CultureInfo.InvariantCulture), folder], cancellationToken).ConfigureAwait(false);
        return [.. Directory.EnumerateFiles(folder, "*.pgp").Order(StringComparer.Ordinal)];
    }

    /// <summary>Submits over HKP, as a client does; throws unless it is taken.</summary>
    /// <param name="armored">An armored certificate.</param>
    public async Task AddAsync(ReadOnlyMemory<byte> armored, CancellationToken cancellationToken = default)
    {
        string form = "keytext=" + Uri.EscapeDataString(Encoding.ASCII.GetString(armored.Span));
        string head = string.Create(CultureInfo.InvariantCulture, $"POST /pks/add HTTP/1.0\r\nContent-Length: {form.Length}\r\n\r\n");
        RawHttpResponse response = await RawHttp.ExchangeAsync(HkpEndPoint, head + form, null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != 200)
            throw new InvalidOperationException($"SKS answered '{response.StatusLine}' to a submission: {response.Text}");
    }

    /// <summary><c>sks drop</c>: deletes one key, by its digest in hex, from the running server.</summary>
    public Task DropAsync(string digest, CancellationToken cancellationToken = default) => RunAsync("drop", [digest], cancellationToken);

    /// <summary>What it logged so far. <paramref name="name"/> is <c>db</c>, <c>recon</c>, <c>build</c>, <c>clean</c>...</summary>
    public string ReadLog(string name)
    {
        var path = _folder.Combine("var/log/sks", name + ".log");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>Kills both processes and deletes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_reconProcess is not null)
            await _reconProcess.DisposeAsync().ConfigureAwait(false);
        if (_dbProcess is not null)
            await _dbProcess.DisposeAsync().ConfigureAwait(false);
        _counting.Dispose();
        _hkp.Dispose();
        _recon.Dispose();
        _folder.Dispose();
    }

    private static async Task StopAsync(RunningProcess? process, CancellationToken cancellationToken)
    {
        if (process is null)
            return;

        await process.TerminateAsync(null, cancellationToken).ConfigureAwait(false);
        await process.DisposeAsync().ConfigureAwait(false);
    }

    private static Task KillAsync(ref RunningProcess? process, CancellationToken cancellationToken)
    {
        RunningProcess killed = process ?? throw new InvalidOperationException("it does not run");
        process = null;
        return KillAsync(killed, cancellationToken);
    }

    private static async Task KillAsync(RunningProcess process, CancellationToken cancellationToken)
    {
        await process.KillAsync(cancellationToken).ConfigureAwait(false);
        await process.DisposeAsync().ConfigureAwait(false);
    }

    private void WriteConfiguration(SksPeerOptions options)
    {
        var lines = new SortedDictionary<string, string?>(StringComparer.Ordinal)
        {
            // Must resolve to none of the peers: SKS takes a peer with this address for itself and spins for ever.
            ["hostname"] = "127.0.0.99",
            ["hkp_address"] = options.Address.ToString(),
            ["hkp_port"] = _hkp.Number.ToString(CultureInfo.InvariantCulture),
            ["recon_address"] = options.Address.ToString(),
            ["recon_port"] = _recon.Number.ToString(CultureInfo.InvariantCulture),
            ["gossip_interval"] = options.GossipInterval.TotalMinutes.ToString(CultureInfo.InvariantCulture),
            ["debuglevel"] = "6",
            ["pagesize"] = "16",
            ["ptree_pagesize"] = "16",
            ["cache"] = "10",
            ["ptree_cache"] = "10",
            ["disable_mailsync"] = "",
            ["initial_stat"] = "",
        };
        foreach (var (name, value) in options.Settings)
            lines[name] = value;

        File.WriteAllLines(
            _folder.Combine("etc/sks/sksconf"),
            lines.Where(line => line.Value is not null).Select(line => $"{line.Key}: {line.Value}"));
    }

    // In its own folder, where a crash may leave a core file.
    private ProcessCommand Command(string verb, params IReadOnlyList<string> arguments) =>
        new(_program, [verb, .. arguments, "-basedir", Folder]) { WorkingDirectory = Folder };

    private async Task RunAsync(string verb, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await ProcessRunner.RunAsync(Command(verb, arguments), null, cancellationToken).ConfigureAwait(false);
        result.EnsureSuccess();
    }
}
