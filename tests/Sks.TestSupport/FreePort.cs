using System.Net;
using System.Net.Sockets;

namespace Sks.TestSupport;

/// <summary>A TCP port of a loopback address that nobody else is given while this object lives.</summary>
/// <remarks>
/// The reservation is a socket that is bound with SO_REUSEADDR and never listens. On Linux the server under test can
/// bind and listen beside it (it must set SO_REUSEADDR as well, as .NET, SKS, nginx and Go all do), while the kernel hands the
/// port neither to another "port 0" nor to an outgoing connection. Without a server, connections are refused.
/// A server may therefore be killed and restarted on its port as often as the test wants.
/// </remarks>
public sealed class FreePort : IDisposable
{
    private readonly Socket _reservation;

    private FreePort(Socket reservation) => _reservation = reservation;

    /// <summary>Address and port to listen on.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_reservation.LocalEndPoint!;

    /// <summary>The port number.</summary>
    public int Number => EndPoint.Port;

    /// <summary>Reserves a port of <paramref name="address"/>, by default 127.0.0.1.</summary>
    public static FreePort Reserve(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        if (!IPAddress.IsLoopback(address))
            throw new ArgumentException("tests stay on loopback", nameof(address));

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, 0));
            return new FreePort(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _reservation.Dispose();
}
