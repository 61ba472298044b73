using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sks.TestSupport;

/// <summary>What an <see cref="SmtpSink"/> does with a connection.</summary>
public enum SmtpBehaviour
{
    /// <summary>It takes mails.</summary>
    Accept,

    /// <summary>It says that it has no time.</summary>
    Refuse,

    /// <summary>It closes the connection in the middle of a mail.</summary>
    Drop,

    /// <summary>It refuses the content of every mail for good.</summary>
    Reject,
}

/// <summary>A mail server on loopback that keeps what it is given, and can be as bad as real ones.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _mails = [];
    private readonly Task _accepting;
    private int _connections;
    private int _behaviour;

    /// <summary>Begins to accept.</summary>
    public SmtpSink()
    {
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where, as <c>HOST:PORT</c>.</summary>
    public string EndPoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>What becomes of connections from now on.</summary>
    public SmtpBehaviour Behaviour
    {
        get => (SmtpBehaviour)Volatile.Read(ref _behaviour);
        set => Volatile.Write(ref _behaviour, (int)value);
    }

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Mails that were taken, with CR LF line ends.</summary>
    public IReadOnlyList<string> Mails => [.. _mails];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _connections);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await TalkAsync(client.GetStream(), Behaviour).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // The client is gone, or the test is over.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream, SmtpBehaviour behaviour)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        if (behaviour == SmtpBehaviour.Refuse)
        {
            await SayAsync("421 come back later").ConfigureAwait(false);
            return;
        }

        await SayAsync("220 sink").ConfigureAwait(false);
        while (await reader.ReadLineAsync(_stop.Token).ConfigureAwait(false) is { } command)
        {
            switch (command.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "DATA":
                    await SayAsync("354 go on").ConfigureAwait(false);
                    if (await ReadMailAsync(reader, behaviour).ConfigureAwait(false) is not { } mail)
                        return;
                    if (behaviour == SmtpBehaviour.Accept)
                        _mails.Enqueue(mail);
                    await SayAsync(behaviour == SmtpBehaviour.Accept ? "250 taken" : "554 not wanted").ConfigureAwait(false);
                    break;
                case "QUIT":
                    await SayAsync("221 bye").ConfigureAwait(false);
                    return;
                default:
                    await SayAsync("250 ok").ConfigureAwait(false);
                    break;
            }
        }

        Task SayAsync(string line) => stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stop.Token).AsTask();
    }

    private async Task<string?> ReadMailAsync(StreamReader reader, SmtpBehaviour behaviour)
    {
        var mail = new StringBuilder();
        int lines = 0;
        while (await reader.ReadLineAsync(_stop.Token).ConfigureAwait(false) is { } line)
        {
            if (line == ".")
                return mail.ToString();
            mail.Append(line.StartsWith("..", StringComparison.Ordinal) ? line[1..] : line).Append("\r\n");
            if (behaviour == SmtpBehaviour.Drop && ++lines == 10)
                return null;
        }

        return null;
    }
}
