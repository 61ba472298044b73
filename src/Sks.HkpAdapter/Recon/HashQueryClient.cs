using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Sks.HkpAdapter.Http;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Recon;

/// <summary>Asks peers for certificates by their digests: <c>POST /pks/hashquery</c>.</summary>
/// <remarks>
/// A connection for every request, as SKS closes it anyhow. In HTTP/1.0 nothing is chunked, neither way. Requests come from the address
/// that reconciliation uses, since peers know this node by it.
/// </remarks>
internal sealed class HashQueryClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly HttpRequestOptionsKey<IPAddress?> SourceKey = new("source");

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectCallback = ConnectAsync,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.Zero,
        UseCookies = false,
        UseProxy = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Sends a request and has the beginning of its answer.</summary>
    /// <param name="peer">Where the peer serves HKP.</param>
    /// <param name="source">Where the connection comes from; null for the system's choice.</param>
    /// <param name="digests">What is asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer, successful or not, to be disposed.</returns>
    /// <exception cref="HttpRequestException">There is no connection, or what came is no answer.</exception>
    public async Task<HttpResponseMessage> AskAsync(
        IPEndPoint peer, IPAddress? source, IReadOnlyCollection<SksDigest> digests, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{peer}/pks/hashquery"))
        {
            Version = HttpVersion.Version10,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Encode(digests)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Options.Set(SourceKey, source);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Encode(IReadOnlyCollection<SksDigest> digests)
    {
        byte[] body = new byte[HashQuery.NumberLength + (digests.Count * (HashQuery.NumberLength + SksDigest.Length))];
        BinaryPrimitives.WriteInt32BigEndian(body, digests.Count);
        Span<byte> rest = body.AsSpan(HashQuery.NumberLength);
        foreach (SksDigest digest in digests)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, SksDigest.Length);
            digest.Write(rest[HashQuery.NumberLength..]);
            rest = rest[(HashQuery.NumberLength + SksDigest.Length)..];
        }

        return body;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var peer = new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port);
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (context.InitialRequestMessage.Options.TryGetValue(SourceKey, out IPAddress? source) && source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(peer, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
