using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Logging;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Recon;

/// <summary>Who the peers are and where: those of the options and those of the membership file, kept up to date.</summary>
/// <remarks>
/// The file is looked at every minute, or every <see cref="ReconOptions.MembershipInterval"/> where that is shorter, and read again when its time or
/// length has changed. A file that vanishes or cannot be read changes nothing, and a name that does not resolve for the moment keeps its addresses: SKS
/// servers are reached through home lines and dynamic names. For any number of threads: who reads sees one state as a whole.
/// </remarks>
public sealed partial class Membership : IAsyncDisposable
{
    private static readonly TimeSpan MaxFileInterval = TimeSpan.FromMinutes(1);

    private readonly ReconOptions _options;
    private readonly PeerRegistry _registry;
    private readonly IHostResolver _resolver;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly IReadOnlyList<ReconPeer> _configured;
    private readonly TimeSpan _fileInterval;

    // Only in one's turn.
    private IReadOnlyList<ReconPeer> _listed = [];
    private (DateTime Written, long Length)? _stamp;
    private bool _fileLost;
    private long _resolved;

    private volatile State _state = State.Empty;
    private Task _updating = Task.CompletedTask;
    private int _disposed;

    private Membership(ReconOptions options, PeerRegistry registry, IHostResolver resolver, ILogger logger, TimeProvider time)
    {
        _options = options;
        _registry = registry;
        _resolver = resolver;
        _logger = logger;
        _time = time;
        _configured = [.. options.Peers.Select(static text => ReconPeer.TryParse(text, out ReconPeer? peer) ? peer : null).OfType<ReconPeer>()];
        _fileInterval = options.MembershipInterval < MaxFileInterval ? options.MembershipInterval : MaxFileInterval;
        _listening = ReadListeners(options);
    }

    /// <summary>All peers: first those of the options, then those of the file, each once.</summary>
    public IReadOnlyList<Member> Members => _state.Members;

    /// <summary>The peers that can be contacted: their addresses are known, and none is this node.</summary>
    public IReadOnlyList<Member> Reachable => _state.Reachable;

    /// <summary>Reads the file, resolves all names once, and keeps both up to date from then on.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="registry">Is told who the peers are.</param>
    /// <param name="resolver">Finds addresses; each name gets five seconds.</param>
    /// <param name="loggers">For what an operator should know.</param>
    /// <param name="time">For the intervals.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="IOException">The file that the options name is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static async Task<Membership> StartAsync(
        ReconOptions options, PeerRegistry registry, IHostResolver resolver, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var membership = new Membership(options, registry, resolver, loggers.CreateLogger<Membership>(), time);
        try
        {
            if (options.MembershipFile is { Length: > 0 } path)
                await membership.ReadAsync(path, Stamp(path), cancellationToken).ConfigureAwait(false);
            await membership.ResolveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await membership.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        membership._updating = membership.UpdateAsync(membership._stop.Token);
        return membership;
    }

    /// <summary>The peer that has an address, whatever the port; null when none has. This node itself is no peer of its own.</summary>
    public ReconPeer? FindByAddress(IPAddress address) => _state.ByAddress.GetValueOrDefault(Normalise(address));

    /// <summary>Looks at the file, and resolves all names when it has changed or <paramref name="resolve"/> demands it.</summary>
    public async Task RefreshAsync(bool resolve, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await LookAtFileAsync(cancellationToken).ConfigureAwait(false) || resolve)
                await ResolveAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops keeping up to date.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _updating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _turn.Dispose();
    }

    /// <summary>An address as peers are compared by: an IPv4 address that came through an IPv6 socket is an IPv4 address, and scopes do not count.</summary>
    private static IPAddress Normalise(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes())
            : address;
    }

    private async Task UpdateAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_fileInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            // Half an interval less, because a tick may come a little early.
            bool resolve = _time.GetElapsedTime(_resolved) >= _options.MembershipInterval - (_fileInterval / 2);
            try
            {
                await RefreshAsync(resolve, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                MembershipLog.RefreshFailed(_logger, e.Message);
            }
        }
    }

    private async Task<bool> LookAtFileAsync(CancellationToken cancellationToken)
    {
        if (_options.MembershipFile is not { Length: > 0 } path)
            return false;

        try
        {
            (DateTime Written, long Length) stamp = Stamp(path);
            if (stamp == _stamp && !_fileLost)
                return false;
            await ReadAsync(path, stamp, cancellationToken).ConfigureAwait(false);
            MembershipLog.FileRead(_logger, path);
            _fileLost = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_fileLost)
                MembershipLog.FileLost(_logger, e.Message);
            _fileLost = true;
            return false;
        }
    }

    // The stamp is taken before reading: what is written meanwhile is seen the next time.
    private static (DateTime Written, long Length) Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : throw new FileNotFoundException($"there is no file {path}", path);
    }

    private async Task ReadAsync(string path, (DateTime Written, long Length) stamp, CancellationToken cancellationToken)
    {
        MembershipLines lines = await MembershipFile.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        foreach (int line in lines.Malformed)
            MembershipLog.MalformedLine(_logger, path, line);
        _listed = lines.Peers;
        _stamp = stamp;
    }

    private void Publish(IReadOnlyList<Member> members)
    {
        State before = _state;
        _state = new State(members);
        _registry.SetPeers(PeerKind.Sks, [.. members.Select(static member => member.Peer.Name)]);
        foreach (Member member in members)
            _registry.Update(member.Peer.Name, status => status with { Addresses = member.Addresses, IsSelf = member.IsSelf });

        string names = string.Join(", ", members.Select(static member => member.Peer.Name));
        if (names != string.Join(", ", before.Members.Select(static member => member.Peer.Name)))
            MembershipLog.Peers(_logger, members.Count, names);
        foreach (Member member in members)
        {
            Member? known = before.Members.FirstOrDefault(old => old.Peer == member.Peer);
            if (member.Addresses.Count > 0 && known?.Addresses.SequenceEqual(member.Addresses) != true)
                MembershipLog.Resolved(_logger, member.Peer.Name, string.Join(", ", member.Addresses));
            if (member.IsSelf && known?.IsSelf != true)
                MembershipLog.Self(_logger, member.Peer.Name);
        }
    }

    private sealed class State(IReadOnlyList<Member> members)
    {
        public static readonly State Empty = new([]);

        public IReadOnlyList<Member> Members { get; } = members;

        public IReadOnlyList<Member> Reachable { get; } = [.. members.Where(static member => !member.IsSelf && member.Addresses.Count > 0)];

        public FrozenDictionary<IPAddress, ReconPeer> ByAddress { get; } = members
            .Where(static member => !member.IsSelf)
            .SelectMany(static member => member.Addresses, static (member, address) => (address, member.Peer))
            .DistinctBy(static pair => pair.address)
            .ToFrozenDictionary(static pair => pair.address, static pair => pair.Peer);
    }
}
