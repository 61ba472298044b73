using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Net.Client;
using Sks.Node;

namespace Sks.Grpc.Peers;

/// <summary>One connection to a peer whose key is proven. There is never a second one behind it: when it is lost, calls fail.</summary>
internal sealed class PeerConnection : IDisposable
{
    private const int StreamWindowBytes = 768 * 1024;
    private const int MaxMessageBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan MinKeepAlive = TimeSpan.FromSeconds(1);

    private Stream? _stream;

    private PeerConnection(PeerAddress address, Stream stream, TimeSpan timeout)
    {
        _stream = stream;
        TimeSpan keepAlive = timeout / 2 > MinKeepAlive ? timeout / 2 : MinKeepAlive;
        var handler = new SocketsHttpHandler
        {
            // Taken as it is, because TLS is done: so failures can be told apart, and the key is proven before anything is said.
            ConnectCallback = (_, _) => ValueTask.FromResult(Interlocked.Exchange(ref _stream, null) ?? throw new IOException("The connection is lost.")),
            KeepAlivePingDelay = keepAlive,
            KeepAlivePingTimeout = keepAlive,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        };
        Channel = GrpcChannel.ForAddress($"https://{address}", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
        });
    }

    /// <summary>For calls over this connection.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>Connects.</summary>
    /// <param name="address">Where.</param>
    /// <param name="peer">Who has to answer.</param>
    /// <param name="certificate">This node's.</param>
    /// <param name="count">Counts the bytes.</param>
    /// <param name="timeout">For everything.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PeerUnreachableException">Nobody answers, or someone else.</exception>
    public static async Task<PeerConnection> OpenAsync(
        PeerAddress address,
        NodeId peer,
        SslStreamCertificateContext certificate,
        ByteCount count,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        NodeId? other = null;
        Stream? stream = null;
        try
        {
            stream = new CountingStream(await ConnectAsync(address.ToEndPoint(), limit.Token).ConfigureAwait(false), count);
            var tls = new SslStream(stream);
            stream = tls;
            SslClientAuthenticationOptions options = PeerTls.ForClient(certificate, address.Host, id =>
            {
                other = id;
                return id == peer;
            });
            await tls.AuthenticateAsClientAsync(options, limit.Token).ConfigureAwait(false);
            if (tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
                throw new PeerUnreachableException($"{address} does not speak HTTP/2");
            return new PeerConnection(address, stream, timeout);
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            if (e is PeerUnreachableException || cancellationToken.IsCancellationRequested)
                throw;
            throw new PeerUnreachableException(Describe(address, peer, other, e));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Channel.Dispose();
        _stream?.Dispose();
    }

    private static async Task<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
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
    }

    private static string Describe(PeerAddress address, NodeId peer, NodeId? other, Exception exception) => exception switch
    {
        _ when other is { } id && id != peer => $"{address} answers as another node (id {id})",
        OperationCanceledException => $"{address} does not answer",
        SocketException socket => $"{address}: {socket.Message}",
        AuthenticationException or IOException => $"{address} does not accept TLS: {exception.Message}",
        _ => $"{address}: {exception.Message}",
    };
}
