using MimeKit;

namespace Sks.HkpAdapter.Mail;

/// <summary>Tells mails of people from mails of machines and lists, which must not be answered. Source: RFC 3834 section 2.</summary>
internal static class AutomaticMail
{
    private static readonly string[] Machines = ["mailer-daemon", "postmaster", "noreply", "no-reply", "do-not-reply", "donotreply", "root", "daemon"];

    private static readonly string[] ListHeaders =
    [
        "List-Id", "List-Post", "List-Unsubscribe", "List-Help", "X-KeyServer-Sent", "X-Loop", "X-Mailing-List", "X-Auto-Response-Suppress", "X-Autoreply",
    ];

    /// <summary>Who may be answered; null when nobody may.</summary>
    /// <param name="message">The mail.</param>
    /// <param name="own">This keyserver's address; may be empty.</param>
    public static MailboxAddress? FindCorrespondent(MimeMessage message, string own)
    {
        HeaderList headers = message.Headers;
        if (ListHeaders.Any(headers.Contains) || headers["Return-Path"]?.Trim() == "<>")
            return null;
        if (headers["Auto-Submitted"]?.Trim() is { } automatic && !automatic.Equals("no", StringComparison.OrdinalIgnoreCase))
            return null;
        if (headers["Precedence"]?.Trim().ToLowerInvariant() is "bulk" or "list" or "junk")
            return null;

        InternetAddressList answerTo = message.ReplyTo.Count > 0 ? message.ReplyTo : message.From;
        return answerTo is [MailboxAddress { } address] && IsPerson(address, own) && message.From.Mailboxes.All(from => IsPerson(from, own)) ? address : null;
    }

    private static bool IsPerson(MailboxAddress mailbox, string own)
    {
        string address = mailbox.Address;
        int at = address.LastIndexOf('@');
        return at > 0
            && MailReader.ReadAddress(address) == address
            && !address.Equals(own, StringComparison.OrdinalIgnoreCase)
            && !Machines.Contains(address[..at], StringComparer.OrdinalIgnoreCase);
    }
}
