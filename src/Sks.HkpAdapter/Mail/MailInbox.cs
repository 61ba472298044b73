using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Restrictions;
using Sks.Storage;

namespace Sks.HkpAdapter.Mail;

/// <summary>Takes mails from their folders, one after the other: a file is removed when what it brought is stored, and not before.</summary>
/// <remarks>A crash in between has a mail read twice, which changes nothing.</remarks>
public sealed class MailInbox : IMailIntake, IAsyncDisposable
{
    private readonly KeyserverNode _node;
    private readonly MailOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _spool;
    private readonly IReadOnlyList<MailFolder> _folders;
    private readonly MailReceptionMetrics _metrics = new();
    private readonly RejectedMails _rejected;
    private readonly MailReception _reception;
    private readonly HashSet<string> _failing = [];
    private readonly IDisposable _purge;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _watching;
    private int _disposed;

    /// <summary>Begins to take mails, those first that came while nobody did.</summary>
    /// <param name="node">Where certificates are stored; must live longer.</param>
    /// <param name="dataDirectory">The node's folder.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="transport">What answers go out by; null for no answers.</param>
    /// <param name="loggers">For what an operator should know.</param>
    /// <param name="time">The clock.</param>
    public MailInbox(
        KeyserverNode node, string dataDirectory, MailOptions options, IMailTransport? transport, ILoggerFactory loggers, TimeProvider time)
    {
        _node = node;
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<MailInbox>();
        _spool = options.SpoolDirectory.Length > 0 ? options.SpoolDirectory : MailSpool.DefaultFolder(dataDirectory);
        _folders = [.. FoldersOf(options, _spool)];
        _rejected = new RejectedMails(Path.Combine(dataDirectory, "mail", "rejected"), options, time);
        var replies = new MailReplies(options, transport, _metrics, _logger, time);
        _reception = new MailReception(node, options, _rejected, replies, _metrics, _logger, time);
        _purge = node.Restrictions.AlsoPurge(() => _rejected.PurgeBefore(DateTimeOffset.MaxValue));
        foreach (MailFolder folder in _folders)
            MailReceptionLog.Watching(_logger, folder.Path);
        _watching = Task.Run(WatchAsync);
    }

    /// <inheritdoc/>
    public int MaxMessageBytes => _options.MaxMessageBytes;

    /// <inheritdoc/>
    public async Task KeepAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await MailSpool.WriteAsync(_spool, message, _time, cancellationToken).ConfigureAwait(false);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Stops between two mails; what is left waits for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _purge.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    private static IEnumerable<MailFolder> FoldersOf(MailOptions options, string spool)
    {
        yield return new MailFolder(spool, [MailSpool.Extension]);
        if (options.MessagesDirectory.Length > 0)
            yield return new MailFolder(options.MessagesDirectory, [".ready"]);
        if (options.Maildir.Length > 0)
            yield return new MailFolder(Path.Combine(options.Maildir, "new"), []);
    }

    private async Task WatchAsync()
    {
        PurgeWhatWasErasedMeanwhile();
        RemoveAbandoned();
        using var timer = new PeriodicTimer(_options.PollInterval, _time);
        Task<bool> tick = timer.WaitForNextTickAsync(_stop.Token).AsTask();
        while (!_stop.IsCancellationRequested)
        {
            foreach (MailFolder folder in _folders)
                await TakeAllAsync(folder).ConfigureAwait(false);
            Task<bool> woken = _wake.Reader.WaitToReadAsync(_stop.Token).AsTask();
            await Task.WhenAny(tick, woken).ConfigureAwait(false);
            _wake.Reader.TryRead(out _);
            if (tick.IsCompleted)
                tick = timer.WaitForNextTickAsync(_stop.Token).AsTask();
        }
    }

    // A verb may have erased something while no server was running.
    private void PurgeWhatWasErasedMeanwhile()
    {
        IEnumerable<DateTimeOffset> erasures = _node.Restrictions.ReadInForce()
            .Where(static entry => entry.Record.Kind == RestrictionKind.Erase)
            .Select(static entry => entry.Note.Confirmed ?? entry.Note.Received);
        try
        {
            _rejected.PurgeBefore(erasures.DefaultIfEmpty(DateTimeOffset.MinValue).Max());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            MailReceptionLog.FolderFailed(_logger, "mail/rejected", e.Message);
        }
    }

    private void RemoveAbandoned()
    {
        try
        {
            MailSpool.RemoveAbandoned(_spool, _time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(_spool, e);
        }
    }

    private async Task TakeAllAsync(MailFolder folder)
    {
        try
        {
            _rejected.Trim();
            foreach (FileInfo file in folder.ReadFiles())
            {
                if (_stop.IsCancellationRequested)
                    return;
                await TryTakeAsync(folder, file).ConfigureAwait(false);
            }
        }
        catch (StorageException e)
        {
            MailReceptionLog.StoreFailed(_logger, e.Kind);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(folder.Path, e);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TryTakeAsync(MailFolder folder, FileInfo file)
    {
        byte[] message;
        Func<CancellationToken, Task>? answer;
        try
        {
            // What has no length may be a pipe, which would have the server wait for ever.
            if (file.Length == 0)
            {
                await _reception.RefuseAsync(default, MailRejection.NoKey, _stop.Token).ConfigureAwait(false);
                file.Delete();
                return;
            }

            if (file.Length > _options.MaxMessageBytes)
            {
                await _reception.RefuseAsync(default, MailRejection.TooLarge, _stop.Token).ConfigureAwait(false);
                file.Delete();
                return;
            }

            message = await File.ReadAllBytesAsync(file.FullName, _stop.Token).ConfigureAwait(false);
            answer = await _reception.TakeAsync(message, _stop.Token).ConfigureAwait(false);
            file.Delete();
        }
        catch (FileNotFoundException)
        {
            return; // whoever put it there has taken it away
        }
        catch (UnauthorizedAccessException e)
        {
            Report(Path.Combine(folder.Path, file.Name), e); // the others may be readable
            return;
        }

        if (answer is not null)
            await answer(_stop.Token).ConfigureAwait(false);
    }

    // Said once for each place, not every ten seconds.
    private void Report(string place, Exception exception)
    {
        if (_failing.Count < 1000 && _failing.Add(place))
            MailReceptionLog.FolderFailed(_logger, place, exception.Message);
    }
}
