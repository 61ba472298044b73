using Microsoft.Extensions.Logging;
using MimeKit;

namespace Sks.HkpAdapter.Mail;

/// <summary>Answers mails, within bounds: anyone can write anybody's address as the sender.</summary>
/// <remarks>Used by one thread at a time.</remarks>
internal sealed class MailReplies(
    MailOptions options, IMailTransport? transport, MailReceptionMetrics metrics, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Queue<(DateTimeOffset Time, string Address)> _sent = [];

    /// <summary>Sends an answer, unless there were too many. What cannot be sent is not tried again.</summary>
    public async Task SendAsync(ReceivedMail mail, string text, CancellationToken cancellationToken)
    {
        if (transport is null || options.Address.Length == 0 || mail.AnswerTo is not { } to)
            return;
        if (!TryTake(to.Address))
        {
            metrics.CountReply("withheld");
            return;
        }

        try
        {
            using MimeMessage reply = Write(mail, to, text);
            await transport.SendAsync(reply, cancellationToken).ConfigureAwait(false);
            metrics.CountReply("sent");
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            metrics.CountReply("failed");
            MailReceptionLog.ReplyFailed(logger, e.GetType().Name);
        }
    }

    private MimeMessage Write(ReceivedMail mail, MailboxAddress to, string text)
    {
        var reply = new MimeMessage();
        reply.From.Add(new MailboxAddress("", options.Address));
        reply.To.Add(to);
        reply.Subject = "Reply to " + mail.Subject.ToUpperInvariant();
        reply.Date = time.GetUtcNow();
        reply.Headers.Add(HeaderId.AutoSubmitted, "auto-replied");
        reply.Headers.Add(HeaderId.Precedence, "bulk");
        if (mail.MessageId is { Length: > 0 } id)
            reply.InReplyTo = id;
        reply.Body = new TextPart("plain") { Text = text };
        return reply;
    }

    private bool TryTake(string address)
    {
        DateTimeOffset now = time.GetUtcNow();
        while (_sent.TryPeek(out (DateTimeOffset Time, string Address) oldest) && now - oldest.Time >= Window)
            _sent.Dequeue();
        int toSame = _sent.Count(sent => sent.Address.Equals(address, StringComparison.OrdinalIgnoreCase));
        if (_sent.Count >= options.MaxReplies || toSame >= options.MaxRepliesPerSender)
            return false;
        _sent.Enqueue((now, address));
        return true;
    }
}
