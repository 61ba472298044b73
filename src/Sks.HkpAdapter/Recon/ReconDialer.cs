using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sks.Node;

namespace Sks.HkpAdapter.Recon;

/// <summary>Connects to SKS peers, from the address that they know this node by.</summary>
public sealed class ReconDialer(ReconOptions options, TimeProvider time)
{
    /// <summary>Connects to a peer's port of recon.</summary>
    /// <exception cref="IOException">It did not work, or not within <see cref="ReconOptions.HandshakeTimeout"/>; the message says why.</exception>
    public async Task<OutgoingRecon> ConnectAsync(IPEndPoint peer, CancellationToken cancellationToken)
    {
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (FindSource(peer.Address) is { } source)
                socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(peer, either.Token);
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new IOException($"no connection: {failed.Message}", failed);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"no connection within {options.HandshakeTimeout:c}"));
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new OutgoingRecon(socket, options, time);
    }

    /// <summary>The address that connections to a peer come from; null for the system's choice.</summary>
    /// <remarks>One that is only listened on is no choice for a peer that cannot be reached from it: loopback is left to peers on this machine.</remarks>
    public IPAddress? FindSource(IPAddress peer)
    {
        IEnumerable<IPAddress> own = options.SourceAddresses.Select(IPAddress.Parse);
        IEnumerable<IPAddress> listening = options.Listen
            .Select(static address => ListenAddress.TryParse(address, out IPEndPoint? endPoint) ? endPoint.Address : IPAddress.Any)
            .Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            .Where(address => IPAddress.IsLoopback(address) == IPAddress.IsLoopback(peer));
        return own.Concat(listening).FirstOrDefault(address => address.AddressFamily == peer.AddressFamily);
    }

    /// <summary>Those of a peer's addresses that are of a family which this node has an address for; all when that is none of them.</summary>
    public IReadOnlyList<IPAddress> Usable(IReadOnlyList<IPAddress> addresses)
    {
        HashSet<AddressFamily> families =
        [
            .. options.SourceAddresses.Select(static address => IPAddress.Parse(address).AddressFamily),
            .. options.Listen.Select(static address => ListenAddress.TryParse(address, out IPEndPoint? endPoint) ? endPoint.AddressFamily : default),
        ];
        List<IPAddress> usable = [.. addresses.Where(address => families.Contains(address.AddressFamily))];
        return usable.Count > 0 ? usable : addresses;
    }
}
