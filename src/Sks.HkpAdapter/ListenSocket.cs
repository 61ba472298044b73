using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Sks.HkpAdapter;

/// <summary>Sockets to listen on.</summary>
internal static class ListenSocket
{
    /// <summary>A socket that is bound, as the web server would make it.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="all">Everything that is listened on.</param>
    /// <remarks>
    /// The web server takes IPv4 connections on <c>[::]</c>, too, so that <c>0.0.0.0</c> with the same port is in use already. Where both are asked for,
    /// as SKS does unless it is told otherwise, each takes its own kind.
    /// </remarks>
    public static Socket Create(EndPoint endPoint, IReadOnlyCollection<IPEndPoint> all)
    {
        if (endPoint is not IPEndPoint ip || !ip.Address.Equals(IPAddress.IPv6Any) || !all.Contains(new IPEndPoint(IPAddress.Any, ip.Port)))
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);

        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.DualMode = false;
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
