using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sks.TestSupport;

/// <summary>One TCP connection to an HTTP/1 server, for bytes that no HTTP library would send.</summary>
/// <remarks>Each call is bounded by the timeout of the connection. For requests that follow each other, send and read in turn.</remarks>
public sealed class RawHttp : IDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly TimeSpan _timeout;
    private readonly List<byte> _received = [];
    private bool _ended;

    private RawHttp(Socket socket, TimeSpan timeout)
    {
        _socket = socket;
        _timeout = timeout;
    }

    /// <summary>Connects.</summary>
    /// <param name="timeout">For connecting and each later call. Default: <see cref="Eventually.DefaultTimeout"/>.</param>
    public static async Task<RawHttp> ConnectAsync(
        IPEndPoint server, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var connection = new RawHttp(
            new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, timeout ?? Eventually.DefaultTimeout);
        try
        {
            await connection.BoundedAsync(
                async token =>
                {
                    await connection._socket.ConnectAsync(server, token).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>One request on a connection of its own, and its response.</summary>
    public static async Task<RawHttpResponse> ExchangeAsync(
        IPEndPoint server, ReadOnlyMemory<byte> request, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        using var connection = await ConnectAsync(server, timeout, cancellationToken).ConfigureAwait(false);
        await connection.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await connection.ReadResponseAsync(request.Span.StartsWith("HEAD "u8), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ExchangeAsync(IPEndPoint, ReadOnlyMemory{byte}, TimeSpan?, CancellationToken)"/>
    /// <param name="request">Sent as UTF-8; its line ends as they are.</param>
    public static Task<RawHttpResponse> ExchangeAsync(
        IPEndPoint server, string request, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync(server, Encoding.UTF8.GetBytes(request), timeout, cancellationToken);

    /// <summary>Sends bytes: a request, or a piece of one.</summary>
    /// <returns>False when the server has already closed the connection; a response may be waiting all the same.</returns>
    public Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        BoundedAsync(
            async token =>
            {
                try
                {
                    while (bytes.Length > 0)
                        bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, token).ConfigureAwait(false)..];
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            cancellationToken);

    /// <summary>Says that nothing more will be sent, and leaves the other direction open.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Reads the next response, interim ones (1xx) left out, by its own length or until the connection ends.</summary>
    /// <param name="toHead">Whether it answers a HEAD request and so has no body, whatever its headers say.</param>
    public Task<RawHttpResponse> ReadResponseAsync(bool toHead = false, CancellationToken cancellationToken = default) =>
        BoundedAsync(
            async token =>
            {
                RawHttpResponse response;
                do
                    response = await ReadOneAsync(toHead, token).ConfigureAwait(false);
                while (response.StatusCode is >= 100 and < 200);
                return response;
            },
            cancellationToken);

    /// <summary>Everything until the server closes or resets the connection.</summary>
    public Task<byte[]> ReadToEndAsync(CancellationToken cancellationToken = default) =>
        BoundedAsync(
            async token =>
            {
                while (await ReceiveAsync(token).ConfigureAwait(false))
                {
                }

                return Take(_received.Count);
            },
            cancellationToken);

    public void Dispose() => _socket.Dispose();

    private async Task<RawHttpResponse> ReadOneAsync(bool toHead, CancellationToken cancellationToken)
    {
        var headLength = await FindAsync(HeadEnd, 0, cancellationToken).ConfigureAwait(false);
        if (headLength < 0)
            return new RawHttpResponse("", [], [], false, Take(_received.Count));

        headLength += HeadEnd.Length;
        var lines = Encoding.Latin1.GetString([.. _received[..headLength]]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines[1..]
            .Select(line => line.Split(':', 2))
            .Select(parts => (Name: parts[0], Value: parts.ElementAtOrDefault(1)?.Trim() ?? ""))
            .ToList();
        var head = new RawHttpResponse(lines[0], headers, [], true, []);

        if (toHead || head.StatusCode is (>= 100 and < 200) or 204 or 304)
            return head with { Received = Take(headLength) };

        if (head.Header("Transfer-Encoding") is { } coding && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
            return await ReadChunksAsync(head, headLength, cancellationToken).ConfigureAwait(false);

        var announced = head.Header("Content-Length");
        var end = announced is null ? int.MaxValue : headLength + int.Parse(announced, CultureInfo.InvariantCulture);
        while (_received.Count < end && await ReceiveAsync(cancellationToken).ConfigureAwait(false))
        {
        }

        var all = Take(Math.Min(end, _received.Count));
        return head with { Body = all[headLength..], IsComplete = announced is null || all.Length == end, Received = all };
    }

    private async Task<RawHttpResponse> ReadChunksAsync(RawHttpResponse head, int at, CancellationToken cancellationToken)
    {
        var body = new List<byte>();
        while (true)
        {
            // size in hex, CRLF, that many bytes, CRLF; size 0 is the last, followed by trailers and an empty line.
            var lineEnd = await FindAsync("\r\n"u8.ToArray(), at, cancellationToken).ConfigureAwait(false);
            if (lineEnd < 0)
                break;

            var size = int.Parse(
                Encoding.Latin1.GetString([.. _received[at..lineEnd]]).Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                var end = await FindAsync(HeadEnd, lineEnd, cancellationToken).ConfigureAwait(false);
                if (end < 0)
                    break;

                return head with { Body = [.. body], Received = Take(end + HeadEnd.Length) };
            }

            at = lineEnd + 2 + size + 2;
            while (_received.Count < at && await ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            body.AddRange(_received.Skip(lineEnd + 2).Take(size));
            if (_received.Count < at)
                break;
        }

        return head with { Body = [.. body], IsComplete = false, Received = Take(_received.Count) };
    }

    /// <summary>Where <paramref name="text"/> begins, reading on as needed; -1 when the connection ends before.</summary>
    private async Task<int> FindAsync(byte[] text, int from, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received)[from..].IndexOf(text);
            if (found >= 0)
                return from + found;

            if (!await ReceiveAsync(cancellationToken).ConfigureAwait(false))
                return -1;
        }
    }

    /// <summary>Reads something more; false at the end of the connection, be it closed or reset.</summary>
    private async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return false;

        var buffer = new byte[16 * 1024];
        try
        {
            var count = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            _received.AddRange(buffer.AsSpan(0, count));
            _ended = count == 0;
        }
        catch (SocketException)
        {
            _ended = true;
        }

        return !_ended;
    }

    private byte[] Take(int count)
    {
        byte[] taken = [.. _received[..count]];
        _received.RemoveRange(0, count);
        return taken;
    }

    private async Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_timeout);
        try
        {
            return await operation(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"the server did not go on within {_timeout}; so far it sent: {Encoding.Latin1.GetString([.. _received])}");
        }
    }
}
