using MimeKit;

namespace Sks.HkpAdapter.Mail;

/// <summary>Hands mails to a mail system.</summary>
public interface IMailTransport
{
    /// <summary>Sends one mail. When this is over the mail system has it.</summary>
    /// <param name="message">The mail, with its recipients.</param>
    /// <param name="cancellationToken">Gives up; the mail may then be sent or not.</param>
    /// <exception cref="IOException">The mail system does not take it.</exception>
    Task SendAsync(MimeMessage message, CancellationToken cancellationToken);
}
