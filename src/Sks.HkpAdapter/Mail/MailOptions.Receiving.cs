using System.ComponentModel.DataAnnotations;

namespace Sks.HkpAdapter.Mail;

public sealed partial class MailOptions
{
    /// <summary>Whether mails are taken in. Default: true.</summary>
    public bool Receive { get; set; } = true;

    /// <summary>
    /// Folder where <c>sksd mail receive</c> leaves mails that it cannot hand over, and where the server keeps those that it has not read yet.
    /// Default: empty, for <c>mail/incoming</c> in the folder of the store.
    /// </summary>
    public string SpoolDirectory { get; set; } = "";

    /// <summary>A maildir to take mails from; each is removed from its <c>new</c> once it is read. Default: empty, for none.</summary>
    public string Maildir { get; set; } = "";

    /// <summary>Folder where <c>sks_add_mail</c> leaves mails for SKS, as files <c>*.ready</c>. Default: empty, for none.</summary>
    public string MessagesDirectory { get; set; } = "";

    /// <summary>Time between two looks into the folders; what comes through the running server is read at once. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest mail, in bytes. Larger ones are not read. Default: 8 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Whether a mail with the subject <c>add</c> is answered. Default: true.</summary>
    public bool AnswerAdd { get; set; } = true;

    /// <summary>Whether mails with the subjects <c>index</c>, <c>verbose index</c> and <c>get</c> are answered. Default: false.</summary>
    public bool AnswerQueries { get; set; }

    /// <summary>Most answers to one address within an hour. Default: 10.</summary>
    [Range(0, 10_000)]
    public int MaxRepliesPerSender { get; set; } = 10;

    /// <summary>Most answers within an hour. Default: 100.</summary>
    [Range(0, 100_000)]
    public int MaxReplies { get; set; } = 100;

    /// <summary>Time that a refused mail is kept, with the reason. Default: 14 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RejectedKeepTime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Most bytes of refused mails that are kept; the oldest go first. Default: 64 MiB.</summary>
    [Range(0, 1024L * 1024 * 1024 * 1024)]
    public long MaxRejectedBytes { get; set; } = 64 * 1024 * 1024;
}
