using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sks.LoadHarness.Peers;

/// <summary>Stands between two servers, counts every byte of their connections, and can cut them.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private const int BufferLength = 64 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private IPEndPoint? _target;
    private long _bytes;
    private long _openedAt;

    public CountingRelay()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it is reached.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Bytes of both directions so far, of all connections.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>When the last connection was passed on: a <see cref="Stopwatch"/> timestamp.</summary>
    public long OpenedAt => Interlocked.Read(ref _openedAt);

    /// <summary>Passes connections on from now on.</summary>
    public void Open(IPEndPoint target)
    {
        lock (_lock)
            _target = target;
    }

    /// <summary>Breaks all connections, and takes no new ones.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _target = null;
            foreach (Socket socket in _sockets)
                socket.Dispose();
            _sockets.Clear();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Cut();
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.NoDelay = true;
            IPEndPoint? target;
            lock (_lock)
            {
                target = _target;
                if (target is not null)
                    _sockets.AddRange([client, server]);
            }

            if (target is null)
            {
                client.Dispose();
                server.Dispose();
                continue;
            }

            Interlocked.Exchange(ref _openedAt, Stopwatch.GetTimestamp());
            await server.ConnectAsync(target, _stop.Token).ConfigureAwait(false);
            _ = CopyAsync(client, server);
            _ = CopyAsync(server, client);
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[BufferLength];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stop.Token).ConfigureAwait(false) is > 0 and var read)
            {
                Interlocked.Add(ref _bytes, read);
                await to.SendAsync(buffer.AsMemory(0, read), SocketFlags.None, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut, here or there.
        }

        from.Dispose();
        to.Dispose();
    }
}
