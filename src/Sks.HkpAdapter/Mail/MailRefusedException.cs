namespace Sks.HkpAdapter.Mail;

/// <summary>Somebody does not take this mail or certificate, now or later. Others may be welcome.</summary>
/// <param name="message">What he says.</param>
/// <param name="inner">The cause.</param>
internal sealed class MailRefusedException(string message, Exception? inner = null) : IOException(message, inner);
