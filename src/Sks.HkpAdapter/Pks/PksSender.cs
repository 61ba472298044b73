using Microsoft.Extensions.Logging;
using Sks.HkpAdapter.Mail;
using Sks.Node;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Pks;

/// <summary>Sends what clients submit to servers that do not ask for it: by mail, as PKS and SKS do, and over HTTP, as Hockeypuck does.</summary>
public sealed class PksSender : IAsyncDisposable
{
    private readonly KeyserverNode _node;
    private readonly MailOptions _options;
    private readonly IMailTransport _transport;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private (DateTime Written, long Length) _stamp;
    private IReadOnlyList<string> _listed = [];
    private Task _watching = Task.CompletedTask;
    private int _disposed;

    private PksSender(KeyserverNode node, MailOptions options, IMailTransport transport, ILoggerFactory loggers, TimeProvider time)
    {
        _node = node;
        _options = options;
        _transport = transport;
        _logger = loggers.CreateLogger<PksSender>();
        _time = time;
    }

    /// <summary>Begins to keep what is to be sent, and to send what waits. Before anything can be submitted.</summary>
    /// <param name="node">Whose submissions; must live longer.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="transport">What mails go out by.</param>
    /// <param name="loggers">For what an operator should know.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="IOException">The file of addresses cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static async Task<PksSender> StartAsync(
        KeyserverNode node, MailOptions options, IMailTransport transport, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var sender = new PksSender(node, options, transport, loggers, time);
        if (sender.ReadsFile)
        {
            sender._stamp = sender.ReadStamp();
            sender.ReadFile();
        }

        await sender.SetTargetsAsync(cancellationToken).ConfigureAwait(false);
        if (sender.ReadsFile)
            sender._watching = Task.Run(() => sender.WatchAsync(sender._stop.Token), CancellationToken.None);
        return sender;
    }

    private bool ReadsFile => _options is { Send: true, SendToFile.Length: > 0 };

    /// <summary>Stops; what was not sent waits for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (Running running in _running.Values)
            await running.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        bool isLost = false;
        using var timer = new PeriodicTimer(_options.SendInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                (DateTime Written, long Length) stamp = ReadStamp();
                if (stamp == _stamp)
                    continue;
                ReadFile();
                _stamp = stamp;
                isLost = false;
                await SetTargetsAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!isLost)
                    PksSenderLog.FileFailed(_logger, _options.SendToFile!, e.Message);
                isLost = true;
            }
        }
    }

    private (DateTime Written, long Length) ReadStamp()
    {
        var file = new FileInfo(_options.SendToFile!);
        return (file.LastWriteTimeUtc, file.Length);
    }

    private void ReadFile()
    {
        List<string> listed = [];
        foreach (string line in File.ReadLines(_options.SendToFile!))
        {
            string address = line.Split('#')[0].Trim();
            if (address.Length == 0)
                continue;
            if (PksTargetName.TryParse(address, out _))
                listed.Add(address);
            else
                PksSenderLog.LineIgnored(_logger, _options.SendToFile!, address);
        }

        _listed = listed;
    }

    private async Task SetTargetsAsync(CancellationToken cancellationToken)
    {
        List<PksTargetName> names = [];
        foreach (string text in _options.Send ? _options.SendTo.Concat(_listed).Distinct(StringComparer.Ordinal) : [])
        {
            if (PksTargetName.TryParse(text, out PksTargetName? name))
                names.Add(name);
        }

        string[] texts = [.. names.Select(static name => name.Text)];
        foreach (string gone in _running.Keys.Except(texts, StringComparer.Ordinal).ToList())
        {
            await _running[gone].DisposeAsync().ConfigureAwait(false);
            _running.Remove(gone);
        }

        await _node.Outbox.SetTargetsAsync(texts, _options.Relay ? OutboxUse.ClientsAndRelay : OutboxUse.Clients, cancellationToken).ConfigureAwait(false);
        _node.Peers.SetPeers(PeerKind.Pks, texts);
        if (names.Count > 0)
            PksSenderLog.Sending(_logger, names.Count);
        foreach (PksTargetName name in names.Where(name => !_running.ContainsKey(name.Text)))
            _running.Add(name.Text, new Running(new PksDelivery(Create(name), _node, _options, _logger, _time)));
    }

    private IPksTarget Create(PksTargetName name) =>
        name.Url is null ? new MailTarget(name.Text, _options, _transport, _time) : new HttpTarget(name, _options.Address);

    private sealed class Running : IAsyncDisposable
    {
        private readonly PksDelivery _delivery;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _task;

        public Running(PksDelivery delivery)
        {
            _delivery = delivery;
            _task = Task.Run(() => delivery.RunAsync(_stop.Token));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _delivery.Dispose();
            _stop.Dispose();
        }
    }
}
