using System.Collections.Concurrent;
using System.Net;
using Sks.Node;

namespace Sks.HkpAdapter.Recon;

/// <content>Where the peers are, and which of them is this node.</content>
public sealed partial class Membership
{
    private const int MaxLookupsAtOnce = 16;
    private static readonly TimeSpan LookupTime = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _unresolved = new(StringComparer.Ordinal);
    private Dictionary<string, IReadOnlyList<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private volatile Listeners _listening;

    /// <summary>The port that peers reach this node at, as far as it is known; null when it does not listen, or not yet on a port that it knows.</summary>
    public int? OwnPort => _listening.EndPoints is [var first, ..] ? first.Port : null;

    /// <summary>Says where this node listens for peers, once it does: members there are itself.</summary>
    public Task SetListenersAsync(IReadOnlyList<IPEndPoint> endPoints, CancellationToken cancellationToken)
    {
        if (_listening.IsKnown)
            return Task.CompletedTask;
        _listening = new Listeners([.. endPoints], IsKnown: true);
        return RefreshAsync(resolve: true, cancellationToken);
    }

    // A port of 0 is known only when the listener has one.
    private static Listeners ReadListeners(ReconOptions options)
    {
        List<IPEndPoint> endPoints = [];
        foreach (string address in options.Listen)
        {
            if (ListenAddress.TryParse(address, out IPEndPoint? endPoint))
                endPoints.Add(endPoint);
        }

        return new Listeners([.. endPoints.Where(static endPoint => endPoint.Port != 0)], endPoints.TrueForAll(static endPoint => endPoint.Port != 0));
    }

    private static IReadOnlyList<IPAddress>? ReadLiteral(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) ? [Normalise(address)] : null;

    private async Task ResolveAsync(CancellationToken cancellationToken)
    {
        _resolved = _time.GetTimestamp();
        List<ReconPeer> peers =
            [.. _configured.Concat(_listed).DistinctBy(static peer => (peer.Host.ToUpperInvariant(), peer.Port))];
        string self = _options.Hostname.Length > 0 ? _options.Hostname : Dns.GetHostName();
        _addresses = await ResolveAsync([.. peers.Select(static peer => peer.Host).Append(self)], cancellationToken).ConfigureAwait(false);

        IReadOnlyList<IPAddress> own = AddressesOf(self);
        Listeners listening = _listening;
        Publish([.. peers.Select(peer => new Member(peer, AddressesOf(peer.Host), listening.IsSelf(peer.Port, AddressesOf(peer.Host), own)))]);
    }

    private IReadOnlyList<IPAddress> AddressesOf(string host) => ReadLiteral(host) ?? _addresses.GetValueOrDefault(host, []);

    private async Task<Dictionary<string, IReadOnlyList<IPAddress>>> ResolveAsync(IEnumerable<string> hosts, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        List<string> names = [.. hosts.Where(static host => ReadLiteral(host) is null).Distinct(StringComparer.OrdinalIgnoreCase)];
        var limits = new ParallelOptions { MaxDegreeOfParallelism = MaxLookupsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            names, limits, async (name, cancelled) => found[name] = await LookUpAsync(name, cancelled).ConfigureAwait(false)).ConfigureAwait(false);

        foreach (string name in names)
        {
            if (found[name].Count > 0)
            {
                _unresolved.Remove(name);
                continue;
            }

            found[name] = _addresses.GetValueOrDefault(name, []);
            if (_unresolved.Add(name))
                MembershipLog.Unresolved(_logger, name, found[name].Count);
        }

        _unresolved.IntersectWith(names);
        return new Dictionary<string, IReadOnlyList<IPAddress>>(found, StringComparer.OrdinalIgnoreCase);
    }

    private async Task<IReadOnlyList<IPAddress>> LookUpAsync(string name, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(LookupTime, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        try
        {
            IReadOnlyList<IPAddress> addresses = await _resolver.ResolveAsync(name, end.Token).WaitAsync(end.Token).ConfigureAwait(false);
            return [.. addresses.Select(Normalise).Distinct()];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>Where this node listens for peers.</summary>
    /// <param name="EndPoints">Those whose port is known.</param>
    /// <param name="IsKnown">Whether these are all: then a member with another port is not this node.</param>
    private sealed record Listeners(IReadOnlyList<IPEndPoint> EndPoints, bool IsKnown)
    {
        // The port decides between two servers on one host. SKS goes by the address alone, and draws for ever when it is all there is.
        public bool IsSelf(int port, IReadOnlyList<IPAddress> addresses, IReadOnlyList<IPAddress> own) =>
            EndPoints.Any(endPoint => endPoint.Port == port && addresses.Contains(endPoint.Address))
            || (addresses.Any(own.Contains) && (!IsKnown || EndPoints.Any(endPoint => endPoint.Port == port)));
    }
}
