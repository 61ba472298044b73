using MimeKit;
using Sks.Node;

namespace Sks.HkpAdapter.Mail;

/// <summary>What matters of a mail.</summary>
/// <param name="Subject">Its subject without blanks around it; empty for none.</param>
/// <param name="MessageId">Its id, for the answer; null for none.</param>
/// <param name="Origin">Where it has been.</param>
/// <param name="AnswerTo">Who may be answered; null when nobody may, because a machine, a list or nobody in particular has sent it.</param>
/// <param name="Armor">The keys in it.</param>
internal sealed record ReceivedMail(string Subject, string? MessageId, MailOrigin Origin, MailboxAddress? AnswerTo, MailArmor Armor);
