using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sks.HkpAdapter.Http;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>A peer's HKP side that answers hash queries byte for byte as a test says, one connection after the other, and then closes.</summary>
internal sealed class AnsweringPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<IReadOnlyList<SksDigest>> _requests = new();
    private readonly Task _serving;

    public AnsweringPeer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>What was asked for, request by request.</summary>
    public IReadOnlyList<IReadOnlyList<SksDigest>> Requests => [.. _requests];

    /// <summary>The head of the last request.</summary>
    public string Head { get; private set; } = "";

    /// <summary>What to answer. The default is an answer without certificates.</summary>
    public Func<IReadOnlyList<SksDigest>, byte[]> Answer { get; set; } = static _ => Ok();

    /// <summary>Is waited for after the answer and before the end of the connection.</summary>
    public Task BeforeEnd { get; set; } = Task.CompletedTask;

    /// <summary>An answer as SKS gives it.</summary>
    public static byte[] Ok(params byte[][] certificates)
    {
        byte[] body = [.. Body(certificates), .. "\r\n"u8];
        return [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.0 200 OK\r\nContent-length: {body.Length}\r\n\r\n")), .. body];
    }

    /// <summary>Count, then lengths and certificates.</summary>
    public static byte[] Body(params byte[][] certificates) =>
        [.. Number(certificates.Length), .. certificates.SelectMany(static one => (byte[])[.. Number(one.Length), .. one])];

    public static byte[] Number(int value)
    {
        byte[] number = new byte[HashQuery.NumberLength];
        BinaryPrimitives.WriteInt32BigEndian(number, value);
        return number;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            try
            {
                await ServeAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The other side gave up, which is what some tests are about.
            }
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        byte[] piece = new byte[64 * 1024];
        List<byte> request = [];
        int? length = null;
        while (length is null || request.Count < length)
        {
            int read = await stream.ReadAsync(piece, _stop.Token);
            if (read == 0)
                return;
            request.AddRange(piece.AsSpan(0, read));
            length ??= LengthOf([.. request]);
        }

        byte[] bytes = [.. request];
        int body = bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        Head = Encoding.ASCII.GetString(bytes, 0, body);
        Assert.Null(HashQuery.Read(bytes.AsSpan(body), 1000, out IReadOnlyList<SksDigest> digests));
        _requests.Enqueue(digests);
        await stream.WriteAsync(Answer(digests), _stop.Token);
        await BeforeEnd.WaitAsync(_stop.Token);
    }

    private static int? LengthOf(byte[] request)
    {
        int end = request.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        string line = Encoding.ASCII.GetString(request, 0, end).Split("\r\n").Single(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return end + 4 + int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
