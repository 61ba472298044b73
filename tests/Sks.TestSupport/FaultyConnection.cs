using System.Net;
using System.Net.Sockets;

namespace Sks.TestSupport;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class FaultyConnection : IDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly Socket _client;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly long? _forwardLimit;
    private readonly long? _backwardLimit;

    /// <summary>Takes a client's connection over.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="forwardLimit">Bytes of the client after which both sides are reset; null for none.</param>
    /// <param name="backwardLimit">The same for bytes of the server.</param>
    public FaultyConnection(Socket client, long? forwardLimit, long? backwardLimit)
    {
        _client = client;
        _forwardLimit = forwardLimit;
        _backwardLimit = backwardLimit;
        _client.NoDelay = _server.NoDelay = true;
    }

    /// <summary>Passes bytes on both ways until both sides have closed, or one broke off, or a limit is reached.</summary>
    /// <param name="target">The server.</param>
    /// <param name="flow">Ends when bytes may pass.</param>
    /// <param name="count">Is told what passed, and whether it was the client's.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>Whether it was a limit.</returns>
    public async Task<bool> PassAsync(IPEndPoint target, Func<Task> flow, Action<int, bool> count, CancellationToken cancellationToken)
    {
        try
        {
            await _server.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset();
            return false;
        }

        bool[] cuts = await Task.WhenAll(
            CopyAsync(_client, _server, _forwardLimit, bytes => count(bytes, true), flow, cancellationToken),
            CopyAsync(_server, _client, _backwardLimit, bytes => count(bytes, false), flow, cancellationToken)).ConfigureAwait(false);
        return cuts.Contains(true);
    }

    /// <summary>Ends both sides with a reset.</summary>
    public void Reset()
    {
        Reset(_client);
        Reset(_server);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    // Closing without lingering drops what is not sent yet, and sends RST instead of FIN.
    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended, or was never connected.
        }

        socket.Close();
    }

    private async Task<bool> CopyAsync(
        Socket from, Socket to, long? limit, Action<int> count, Func<Task> flow, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        long left = limit ?? long.MaxValue;
        try
        {
            while (true)
            {
                int received = await from.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
                await flow().ConfigureAwait(false);
                if (received == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return false;
                }

                int passed = (int)Math.Min(received, left);
                for (int sent = 0; sent < passed;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, passed - sent), cancellationToken).ConfigureAwait(false);
                count(passed);
                left -= passed;
                if (left > 0)
                    continue;
                Reset();
                return true;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset();
            return false;
        }
    }
}
