using System.Net;
using System.Net.Sockets;
using System.Text;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>Against a server that plays back fixed bytes.</summary>
public sealed class RawHttpTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello", true)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: t\r\n\r\n", true)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true)]
    public async Task A_body_is_read_by_each_kind_of_framing(string response, bool keepOpen)
    {
        await using var server = new Playback(response, keepOpen);

        var read = await RawHttp.ExchangeAsync(server.EndPoint, "GET / HTTP/1.1\r\n\r\n", null, Token);

        Assert.Equal(200, read.StatusCode);
        Assert.Equal("hello", read.Text);
        Assert.True(read.IsComplete);
    }

    [Theory]
    [InlineData("", 0, "")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", 0, "")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhello", 200, "hello")]
    public async Task A_response_that_breaks_off_is_incomplete(string response, int status, string body)
    {
        await using var server = new Playback(response, keepOpen: false);

        var read = await RawHttp.ExchangeAsync(server.EndPoint, "GET / HTTP/1.1\r\n\r\n", null, Token);

        Assert.False(read.IsComplete);
        Assert.Equal(status, read.StatusCode);
        Assert.Equal(body, read.Text);
        Assert.Equal(response, Encoding.Latin1.GetString(read.Received));
    }

    [Fact]
    public async Task The_response_to_head_has_no_body_and_headers_keep_order_and_spelling()
    {
        await using var server = new Playback("HTTP/1.1 404 Not found\r\nX-B: 2\r\nx-a:  1 \r\nContent-Length: 9\r\n\r\n", keepOpen: true);

        var read = await RawHttp.ExchangeAsync(server.EndPoint, "HEAD / HTTP/1.1\r\n\r\n", null, Token);

        Assert.Equal("HTTP/1.1 404 Not found", read.StatusLine);
        Assert.Equal([("X-B", "2"), ("x-a", "1"), ("Content-Length", "9")], read.Headers);
        Assert.Equal("1", read.Header("X-A"));
        Assert.Null(read.Header("X-C"));
        Assert.Empty(read.Body);
    }

    [Fact]
    public async Task Responses_on_one_connection_are_told_apart()
    {
        const string first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
        await using var server = new Playback(first + "HTTP/1.1 404 Not found\r\nContent-Length: 1\r\n\r\nb", keepOpen: true);
        using var connection = await RawHttp.ConnectAsync(server.EndPoint, null, Token);
        Assert.True(await connection.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token));

        var a = await connection.ReadResponseAsync(cancellationToken: Token);
        var b = await connection.ReadResponseAsync(cancellationToken: Token);

        Assert.Equal((200, "a", first), (a.StatusCode, a.Text, Encoding.ASCII.GetString(a.Received)));
        Assert.Equal((404, "b"), (b.StatusCode, b.Text));
    }

    [Fact]
    public async Task A_server_that_says_nothing_ends_in_a_timeout()
    {
        await using var server = new Playback("HTTP/1.1 200 OK\r\n", keepOpen: true);

        var failure = await Assert.ThrowsAsync<TimeoutException>(
            () => RawHttp.ExchangeAsync(server.EndPoint, "GET / HTTP/1.1\r\n\r\n", TimeSpan.FromMilliseconds(300), Token));

        Assert.Contains("HTTP/1.1 200 OK", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Answers one connection's first bytes with a fixed response.</summary>
    private sealed class Playback : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _end = new();
        private readonly Task _serving;

        public Playback(string response, bool keepOpen)
        {
            _listener.Start();
            _serving = ServeAsync(Encoding.Latin1.GetBytes(response), keepOpen);
        }

        public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

        public async ValueTask DisposeAsync()
        {
            _end.SetResult();
            await _serving;
            _listener.Dispose();
        }

        private async Task ServeAsync(byte[] response, bool keepOpen)
        {
            using var client = await _listener.AcceptTcpClientAsync(Token);
            _ = await client.GetStream().ReadAsync(new byte[4096], Token);
            await client.GetStream().WriteAsync(response, Token);
            if (keepOpen)
                await _end.Task;
        }
    }
}
