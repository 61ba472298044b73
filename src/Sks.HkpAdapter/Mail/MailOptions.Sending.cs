using System.ComponentModel.DataAnnotations;

namespace Sks.HkpAdapter.Mail;

public sealed partial class MailOptions
{
    /// <summary>Whether anything is sent to other servers. Default: true; it needs somebody to send to.</summary>
    public bool Send { get; set; } = true;

    /// <summary>
    /// Who is sent what clients submit: mail addresses, and URLs <c>hkp://HOST[:PORT]</c>, <c>hkps://</c> and <c>vks://</c> of servers that take
    /// certificates over HTTP, as Hockeypuck's do. Default: none.
    /// </summary>
    public IList<string> SendTo { get; set; } = [];

    /// <summary>SKS's file <c>mailsync</c> with further mail addresses, one a line; read again when it changes. Default: none.</summary>
    public string? SendToFile { get; set; }

    /// <summary>Whether what mails and such servers bring is sent on to all others that have not seen it. SKS does not. Default: false.</summary>
    public bool Relay { get; set; }

    /// <summary>Time between two looks for what is to be sent. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan SendInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most mails, or requests, to one server within a minute. Default: 60.</summary>
    [Range(1, 10_000)]
    public int MaxMailsPerMinute { get; set; } = 60;

    /// <summary>Most certificates in one mail. Default: 20.</summary>
    [Range(1, 1000)]
    public int MaxCertificatesPerMail { get; set; } = 20;

    /// <summary>How long it is tried to send something; then it is given up, and that is logged. Default: 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan SendKeepTime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Mail server that mails are given to, as <c>HOST:PORT</c>. Default: empty, for <see cref="SendmailCommand"/>.</summary>
    public string Smtp { get; set; } = "";

    /// <summary>
    /// How the connection to <see cref="Smtp"/> is encrypted: <c>None</c>, <c>StartTlsWhenAvailable</c>, <c>StartTls</c> or <c>Tls</c> from the first byte.
    /// Default: <c>StartTlsWhenAvailable</c>, or <c>StartTls</c> with <see cref="SmtpUser"/>.
    /// </summary>
    [EnumDataType(typeof(SmtpSecurity))]
    public SmtpSecurity SmtpSecurity { get; set; } = SmtpSecurity.StartTlsWhenAvailable;

    /// <summary>Who this server is to <see cref="Smtp"/>. Default: empty, for nobody in particular.</summary>
    public string SmtpUser { get; set; } = "";

    /// <summary>File with the password of <see cref="SmtpUser"/> in its first line; read for each mail.</summary>
    public string SmtpPasswordFile { get; set; } = "";

    /// <summary>
    /// Shell command that takes a mail on standard input and finds the recipients in its headers, as SKS's <c>sendmail_cmd</c>. Default:
    /// <c>/usr/sbin/sendmail -t -oi</c>.
    /// </summary>
    public string SendmailCommand { get; set; } = "/usr/sbin/sendmail -t -oi";

    private IEnumerable<ValidationResult> ValidateSending()
    {
        foreach (string target in SendTo)
        {
            if (!Pks.PksTargetName.TryParse(target, out _))
                yield return new ValidationResult($"'{target}' is neither a bare mail address nor hkp://, hkps:// or vks:// with a host.", [nameof(SendTo)]);
        }

        if (Send && (SendTo.Count > 0 || SendToFile is { Length: > 0 }) && Address.Length == 0)
            yield return new ValidationResult($"{nameof(Address)} is needed to send: others know this server by it.", [nameof(Address)]);
        if (Smtp.Length > 0 && !SmtpTransport.TryParse(Smtp, out _, out _))
            yield return new ValidationResult($"'{Smtp}' is not HOST:PORT.", [nameof(Smtp)]);
        if (SmtpUser.Length > 0 && SmtpPasswordFile.Length == 0)
            yield return new ValidationResult($"{nameof(SmtpUser)} needs {nameof(SmtpPasswordFile)}.", [nameof(SmtpPasswordFile)]);
    }
}
