using System.Net;
using System.Net.Sockets;

namespace Sks.LoadHarness.Sessions;

/// <summary>Stands between two peers, so that both pairs of a comparison are measured by the same yardstick.</summary>
/// <remarks>
/// Peers know each other by address: it listens on another port of the responder's address, and connects to the responder from the initiator's. As long
/// as no session is wanted it hangs up on the initiator without a byte, which peers take for busy.
/// </remarks>
internal sealed class SessionRelay : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int Backlog = 16;

    private readonly IPEndPoint _responder;
    private readonly Socket _listener;

    public SessionRelay(IPEndPoint listen, IPEndPoint responder)
    {
        _responder = responder;
        _listener = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(listen);
        _listener.Listen(Backlog);
    }

    /// <summary>Hangs up on the initiator for as long as something else goes on.</summary>
    public async Task RefuseWhileAsync(Func<Task> work)
    {
        using var done = new CancellationTokenSource();
        Task refusing = RefuseAsync(done.Token);
        await work().ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        await refusing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Lets the next session through on which both sides say something, and returns when both have hung up.</summary>
    public RelayedSession RelayOne()
    {
        while (true)
        {
            using Socket initiator = _listener.Accept();
            var session = new RelayedSession();
            using var responder = new Socket(_responder.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            responder.Bind(new IPEndPoint(((IPEndPoint)initiator.RemoteEndPoint!).Address, 0));
            responder.Connect(_responder);
            initiator.NoDelay = responder.NoDelay = true;
            var forward = new Thread(() => Copy(initiator, responder, session, isForward: true));
            forward.Start();
            Copy(responder, initiator, session, isForward: false);
            forward.Join();
            if (session is { ForwardBytes: > 0, BackwardBytes: > 0 })
                return session;
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task RefuseAsync(CancellationToken cancellationToken)
    {
        while (true)
            (await _listener.AcceptAsync(cancellationToken).ConfigureAwait(false)).Dispose();
    }

    // When one side hangs up, the other one is told. A broken connection ends both directions.
    private static void Copy(Socket from, Socket to, RelayedSession session, bool isForward)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            for (int received = from.Receive(buffer); received > 0; received = from.Receive(buffer))
            {
                session.Note(received, isForward);
                for (int sent = 0; sent < received;)
                    sent += to.Send(buffer.AsSpan(sent, received - sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            from.Dispose();
            to.Dispose();
        }
        catch (ObjectDisposedException)
        {
            // The other direction has found the connection broken.
        }
    }
}
