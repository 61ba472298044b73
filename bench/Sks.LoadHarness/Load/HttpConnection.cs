using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sks.LoadHarness.Load;

/// <summary>The least of an HTTP client: one request at a time over a blocking socket, connecting anew when the server hung up.</summary>
/// <remarks>
/// SKS answers in HTTP/1.0 and hangs up after each response. A client library would cost more than what is to be measured, and
/// shares the processors with it.
/// </remarks>
internal sealed class HttpConnection(IPEndPoint server) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly byte[] _buffer = new byte[256 * 1024];
    private Socket? _socket;

    private static ReadOnlySpan<byte> HeaderEnd => "\r\n\r\n"u8;

    /// <summary>Sends a request and reads the response to its end.</summary>
    /// <returns>The status code, and the bytes of the body.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public (int Status, long BodyBytes) Send(ReadOnlySpan<byte> request)
    {
        Socket socket = _socket ??= Connect();
        try
        {
            return Exchange(socket, request);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private static int IndexOfHeaderEnd(ReadOnlySpan<byte> received) => received.IndexOf(HeaderEnd);

    private static long? ReadLength(ReadOnlySpan<byte> headers)
    {
        foreach (Range range in headers.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = headers[range];
            if (HasName(line, "content-length:"u8) && Utf8Parser.TryParse(line["content-length:".Length..].TrimStart((byte)' '), out long length, out _))
                return length;
        }

        return null;
    }

    private static bool KeepsOpen(ReadOnlySpan<byte> headers)
    {
        if (!headers.StartsWith("HTTP/1.1"u8))
            return false;
        foreach (Range range in headers.Split((byte)'\n'))
        {
            if (HasName(headers[range], "connection: close"u8))
                return false;
        }

        return true;
    }

    private static bool HasName(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);

    private (int Status, long BodyBytes) Exchange(Socket socket, ReadOnlySpan<byte> request)
    {
        for (int sent = 0; sent < request.Length;)
            sent += socket.Send(request[sent..]);

        int received = 0;
        int headerEnd;
        while ((headerEnd = IndexOfHeaderEnd(_buffer.AsSpan(0, received))) < 0)
            received += Receive(socket, _buffer.AsSpan(received), mustHaveMore: true);

        ReadOnlySpan<byte> headers = _buffer.AsSpan(0, headerEnd + 2);
        int status = Utf8Parser.TryParse(headers["HTTP/1.1 ".Length..], out int code, out _) ? code : 0;
        bool keepsOpen = KeepsOpen(headers);
        long? length = ReadLength(headers);
        long body = received - headerEnd - HeaderEnd.Length;
        int more = 1;
        while (more > 0 && (length is null || body < length))
        {
            more = Receive(socket, _buffer, mustHaveMore: length is not null);
            body += more;
        }

        if (!keepsOpen || length is null)
            Close();
        return (status, body);
    }

    private static int Receive(Socket socket, Span<byte> destination, bool mustHaveMore)
    {
        int received = socket.Receive(destination);
        return received > 0 || !mustHaveMore ? received : throw new IOException("The server hung up.");
    }

    private Socket Connect()
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)Timeout.TotalMilliseconds,
            SendTimeout = (int)Timeout.TotalMilliseconds,
        };
        socket.Connect(server);
        return socket;
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
