using System.Net;
using System.Net.Sockets;

namespace Sks.HkpAdapter.Recon;

/// <summary>Finds the addresses of hosts.</summary>
public interface IHostResolver
{
    /// <summary>The addresses of a host; empty when there are none for the moment, for whatever reason.</summary>
    /// <param name="host">A name; addresses are not asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary>Asks the system, which asks its files and the domain name system.</summary>
public sealed class SystemHostResolver : IHostResolver
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }
}
