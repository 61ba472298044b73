namespace Sks.HkpAdapter.Mail;

/// <summary>Finds the way mails go out.</summary>
public static class MailTransport
{
    /// <summary>The one that the options say.</summary>
    /// <param name="options">Valid options.</param>
    public static IMailTransport Create(MailOptions options) =>
        options.Smtp.Length > 0 ? new SmtpTransport(options) : new SendmailTransport(options.SendmailCommand);
}
