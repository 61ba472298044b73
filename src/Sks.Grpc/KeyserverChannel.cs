using System.Net.Sockets;
using Grpc.Net.Client;

namespace Sks.Grpc;

/// <summary>Connects clients of this project's services: to the Unix socket of a local node, or to a URL.</summary>
/// <remarks>Channels connect when first used: an unreachable server shows as <c>UNAVAILABLE</c> on a call, not here.</remarks>
public static class KeyserverChannel
{
    /// <summary>A channel to the Unix socket of a node.</summary>
    /// <param name="path">The socket's path, at most 107 bytes.</param>
    public static GrpcChannel ForSocket(string path)
    {
        var endPoint = new UnixDomainSocketEndPoint(path);
        SocketsHttpHandler handler = CreateHandler();
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };

        // The authority of a request over a socket is a formality, but it must be there.
        return Create(new Uri("http://localhost"), handler);
    }

    /// <summary>A channel to a server on the network.</summary>
    /// <param name="address">An <c>http</c> URL for HTTP/2 without TLS, or an <c>https</c> one.</param>
    public static GrpcChannel ForAddress(Uri address) => Create(address, CreateHandler());

    private static SocketsHttpHandler CreateHandler() => new()
    {
        // A server that vanished without a word is noticed while a Watch waits for its next change.
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        EnableMultipleHttp2Connections = true,
        UseProxy = false,
    };

    private static GrpcChannel Create(Uri address, SocketsHttpHandler handler) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = handler,
        DisposeHttpClient = true,

        // A certificate is never split over messages, and how large one may be is for the server to say.
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
    });
}
