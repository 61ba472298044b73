using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Sks.HkpAdapter.Http;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Storage;

namespace Sks.HkpAdapter.Mail;

/// <summary>Does what one mail after the other asks for: has its certificates stored as a client's, and answers.</summary>
/// <remarks>As in SKS certificates are taken whatever the subject says. Used by one thread at a time.</remarks>
internal sealed class MailReception(
    KeyserverNode node, MailOptions options, RejectedMails rejected, MailReplies replies, MailReceptionMetrics metrics, ILogger logger, TimeProvider time)
{
    // All mail shares one budget of processor time: nobody knows who has sent it.
    private const string Client = "mail";
    private const string AddSubject = "add";

    private readonly MailQueries _queries = new(node.Query, time);

    /// <summary>Works on a mail. When this is over, what it brought is stored or it was refused for good.</summary>
    /// <returns>What is left to do once the mail is forgotten: answer it. Null for nothing.</returns>
    /// <exception cref="StorageException">The store cannot be written now: the mail must be given again.</exception>
    /// <exception cref="IOException">A refused mail cannot be kept: the mail must be given again.</exception>
    public async Task<Func<CancellationToken, Task>?> TakeAsync(byte[] message, CancellationToken cancellationToken)
    {
        try
        {
            if (!MailReader.TryRead(message, options.Address, out ReceivedMail? mail, out string? rejection))
            {
                await RefuseAsync(message, rejection, cancellationToken).ConfigureAwait(false);
                return null;
            }

            return await TakeAsync(message, mail, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (StorageException or IOException or UnauthorizedAccessException or OperationCanceledException))
        {
            // A defect of ours must not stand in the way of all other mail.
            MailReceptionLog.Failed(logger, e.GetType().Name, e.StackTrace);
            await RefuseAsync(message, MailRejection.Unreadable, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Refuses a mail that is not read.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public async Task RefuseAsync(ReadOnlyMemory<byte> message, string reason, CancellationToken cancellationToken)
    {
        await rejected.KeepAsync(message, reason, cancellationToken).ConfigureAwait(false);
        metrics.CountReceived(reason);
        MailReceptionLog.Refused(logger, reason, message.Length);
    }

    private async Task<Func<CancellationToken, Task>?> TakeAsync(byte[] message, ReceivedMail mail, CancellationToken cancellationToken)
    {
        MailArmor armor = mail.Armor;
        if (armor.Failure == MailRejection.SecretKey)
        {
            await RefuseAsync(message, MailRejection.SecretKey, cancellationToken).ConfigureAwait(false);
            return AnswerTo(mail, HkpProblems.For(RejectionReason.SecretKey).Text + "\n");
        }

        if (armor.Blocks.Count == 0 && armor.Failure is null && options.AnswerQueries && await _queries.AnswerAsync(mail.Subject).ConfigureAwait(false) is { } found)
        {
            metrics.CountReceived("answered");
            return mail.AnswerTo is null ? null : token => replies.SendAsync(mail, found, token);
        }

        List<SubmissionOutcome> outcomes = await SubmitAsync(mail, cancellationToken).ConfigureAwait(false);
        var report = new SubmissionReport(outcomes);
        NotePeer(mail.Origin, message.Length, report.Count(SubmissionResult.Added) + report.Count(SubmissionResult.Updated));
        if (outcomes.Any(static outcome => outcome.Result != SubmissionResult.Rejected))
        {
            metrics.CountReceived("stored");
            MailReceptionLog.Stored(
                logger,
                report.Count(SubmissionResult.Added),
                report.Count(SubmissionResult.Updated),
                report.Count(SubmissionResult.Unchanged),
                report.Count(SubmissionResult.Rejected) + armor.Failures);
        }
        else
        {
            // What is banned counts above all: such a mail is not kept.
            string? ofCertificate = outcomes
                .OrderBy(static outcome => outcome.Reason == RejectionReason.Restricted ? 0 : 1)
                .Select(static outcome => HkpProblems.For(outcome.Reason).Name)
                .FirstOrDefault();
            await RefuseAsync(message, ofCertificate ?? armor.Failure ?? MailRejection.NoKey, cancellationToken).ConfigureAwait(false);
        }

        string damaged = armor.Failures == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{armor.Failures} blocks are damaged ({armor.Failure}).\n");
        return AnswerTo(mail, report.ToText() + damaged);
    }

    // Those that are sent to as well. Anybody can write any sender, so that this tells the operator something and decides nothing.
    private void NotePeer(MailOrigin origin, int bytes, int changed)
    {
        if (origin.Sender is not { } sender)
            return;
        DateTimeOffset now = time.GetUtcNow();
        node.Peers.TryUpdate(sender, status => status with
        {
            LastContact = now,
            LastRole = PeerRole.Responder,
            Recovered = status.Recovered + changed,
            BytesReceived = status.BytesReceived + bytes,
        });
    }

    private async Task<List<SubmissionOutcome>> SubmitAsync(ReceivedMail mail, CancellationToken cancellationToken)
    {
        var origin = new SubmissionOrigin(ChangeSource.Mail, Client) { Mail = mail.Origin };
        List<SubmissionOutcome> outcomes = [];
        foreach (byte[] block in mail.Armor.Blocks)
        {
            await foreach (SubmissionOutcome outcome in node.Submissions.SubmitAsync(block, origin, cancellationToken).ConfigureAwait(false))
                outcomes.Add(outcome);
        }

        return outcomes;
    }

    private Func<CancellationToken, Task>? AnswerTo(ReceivedMail mail, string text)
    {
        bool isAdd = options.AnswerAdd && mail.Subject.Equals(AddSubject, StringComparison.OrdinalIgnoreCase);
        if (!isAdd || mail.AnswerTo is null)
            return null;
        string answer = new StringBuilder("This is what became of the keys in your mail:\n\n").Append(text).ToString();
        return token => replies.SendAsync(mail, answer, token);
    }
}
