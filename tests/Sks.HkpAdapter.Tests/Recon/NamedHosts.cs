using System.Collections.Concurrent;
using System.Net;
using Sks.HkpAdapter.Recon;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Hosts whose addresses a test decides; others do not resolve.</summary>
internal sealed class NamedHosts : IHostResolver
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<IPAddress>> _hosts = new();
    private int _lookups;

    public int Lookups => Volatile.Read(ref _lookups);

    /// <summary>Makes lookups of one name wait until they are cancelled.</summary>
    public string? Silent { get; set; }

    public void Set(string host, params string[] addresses) => _hosts[host] = [.. addresses.Select(IPAddress.Parse)];

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lookups);
        if (host == Silent)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        return _hosts.GetValueOrDefault(host, []);
    }
}
