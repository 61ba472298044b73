namespace Sks.HkpAdapter.Mail;

/// <summary>How a connection to a mail server is encrypted.</summary>
public enum SmtpSecurity
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By STARTTLS where the server offers it. Who is on the way can prevent that.</summary>
    StartTlsWhenAvailable,

    /// <summary>By STARTTLS, or there is no connection.</summary>
    StartTls,

    /// <summary>From the first byte.</summary>
    Tls,
}
