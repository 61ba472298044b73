using System.Text;
using Sks.HkpAdapter.Mail;
using Sks.Node;

namespace Sks.HkpAdapter.Tests.Mail;

public class MailReceptionTests
{
    private const string Name = "Alice <alice@example.org>";

    [Theory]
    [InlineData("incoming-accepted.eml", 1, null)]
    [InlineData("incoming-accepted-crlf-mime.eml", 1, null)]
    [InlineData("incoming-add-subject-two-keys-one-block.eml", 2, null)]
    [InlineData("incoming-two-blocks-second-ignored.eml", 2, null)] // better than SKS
    [InlineData("incoming-quoted-printable-rejected.eml", 1, null)] // better than SKS
    [InlineData("incoming-rejected-no-key.eml", 0, MailRejection.NoKey)]
    [InlineData("incoming-rejected-bad-crc.eml", 0, MailRejection.BadChecksum)]
    [InlineData("outgoing-add-new-key.eml", 1, null)]
    [InlineData("outgoing-add-new-uid.eml", 1, null)]
    [InlineData("sks-to-onak.eml", 1, null)]
    [InlineData("onak-incremental.eml", 1, null)]
    [InlineData("onak-relay-of-sks-mail.eml", 1, null)]
    [InlineData("user-add-to-onak.eml", 1, null)]
    [InlineData("onak-add-reply.eml", 0, MailRejection.NoKey)]
    public async Task Recorded_mail_has_its_outcome(string file, int stored, string? reason)
    {
        await using var mailbox = new MailboxFixture();

        await mailbox.GiveAsync(Vectors.Read("mail", file));

        Assert.Equal(stored, mailbox.Node.GetStatistics().Certificates);
        Assert.Equal(reason is null ? [] : [reason], mailbox.Reasons);
    }

    [Theory]
    [InlineData("base64")]
    [InlineData("quoted")]
    [InlineData("indented")]
    [InlineData("no-crc")]
    [InlineData("no-end")]
    [InlineData("multipart")]
    [InlineData("forwarded")]
    [InlineData("binary")]
    public async Task Many_forms_are_understood(string form)
    {
        byte[] key = Synthetic.Certificate(1, Name);
        string armor = Synthetic.Armor(key);
        string mail = "From: a@b.example\nSubject: incremental\nMIME-Version: 1.0\n" + form switch
        {
            "base64" => "Content-Transfer-Encoding: base64\n\n" + Convert.ToBase64String(Encoding.ASCII.GetBytes(armor), Base64FormattingOptions.InsertLineBreaks),
            "quoted" => "\nyou wrote:\n> > " + armor.Replace("\n", "\n> > ", StringComparison.Ordinal),
            "indented" => "\n    " + armor.Replace("\n", "\n    ", StringComparison.Ordinal),
            "no-crc" => "\n" + string.Join('\n', armor.Split('\n').Where(static line => !line.StartsWith('='))),
            "no-end" => "\n" + armor[..armor.IndexOf("-----END", StringComparison.Ordinal)],
            "multipart" => $"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nsee below\n--x\nContent-Type: application/pgp-keys\n\n{armor}\n--x--\n",
            "forwarded" => $"Content-Type: message/rfc822\n\nSubject: inner\n\n{armor}",
            _ => "Content-Type: application/pgp-keys\nContent-Transfer-Encoding: base64\n\n" + Convert.ToBase64String(key),
        };
        await using var mailbox = new MailboxFixture(policy: SubmissionPolicy.Proven);

        await mailbox.GiveAsync(mail);

        Assert.Equal(1, mailbox.Node.GetStatistics().Certificates);
    }

    [Fact]
    public async Task What_is_not_proven_is_refused_as_from_any_client()
    {
        await using var mailbox = new MailboxFixture(policy: SubmissionPolicy.Proven);

        await mailbox.GiveAsync("From: a@b.example\n\n" + Synthetic.Armor(Synthetic.Unproven(1, Name)));

        Assert.Equal(0, mailbox.Node.GetStatistics().Certificates);
        Assert.Equal(["nothing-proven"], mailbox.Reasons);
    }

    [Fact]
    public async Task Secret_keys_are_refused_and_not_kept()
    {
        await using var mailbox = new MailboxFixture();
        string secret = Synthetic.Armor(Synthetic.SecretKey(1, Name)).Replace("PUBLIC", "PRIVATE", StringComparison.Ordinal);

        await mailbox.GiveAsync("From: a@b.example\nSubject: add\n\n" + Synthetic.Armor(Synthetic.Certificate(2, Name)) + secret);

        Assert.Equal(0, mailbox.Node.GetStatistics().Certificates);
        Assert.Empty(mailbox.Reasons);
        Assert.Contains("SECRET", Assert.Single(mailbox.Sent).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_is_answered_to_the_sender()
    {
        await using var mailbox = new MailboxFixture();

        await mailbox.GiveAsync("From: Bob <bob@b.example>\nSubject: Add\n\n" + Synthetic.Armor(Synthetic.Certificate(1, Name)));

        (string to, string subject, string text) = Assert.Single(mailbox.Sent);
        Assert.Contains("bob@b.example", to, StringComparison.Ordinal);
        Assert.Equal("Reply to ADD", subject);
        Assert.Contains("1 added", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("From: bob@b.example\nSubject: incremental\n")]
    [InlineData("From: bob@b.example\nSubject: add\nPrecedence: list\n")]
    [InlineData("From: bob@b.example\nSubject: add\nPrecedence: bulk\n")]
    [InlineData("From: bob@b.example\nSubject: add\nAuto-Submitted: auto-replied\n")]
    [InlineData("From: bob@b.example\nSubject: add\nList-Id: <x.example>\n")]
    [InlineData("From: bob@b.example\nSubject: add\nReturn-Path: <>\n")]
    [InlineData("From: bob@b.example\nSubject: add\nX-KeyServer-Sent: keys@there.example\n")]
    [InlineData("From: keys@HERE.example.org\nSubject: add\n")]
    [InlineData("From: bob@b.example\nReply-To: keys@here.example.org\nSubject: add\n")]
    [InlineData("From: MAILER-DAEMON@b.example\nSubject: add\n")]
    [InlineData("From: a@b.example\nReply-To: c@d.example, e@f.example\nSubject: add\n")]
    [InlineData("Subject: add\n")]
    public async Task Machines_and_lists_are_not_answered(string header)
    {
        await using var mailbox = new MailboxFixture();

        await mailbox.GiveAsync(header + "\n" + Synthetic.Armor(Synthetic.Certificate(1, Name)));

        Assert.Equal(1, mailbox.Node.GetStatistics().Certificates);
        Assert.Empty(mailbox.Sent);
    }

    [Fact]
    public async Task Answers_are_bounded_per_sender_and_overall_within_an_hour()
    {
        await using var mailbox = new MailboxFixture(static options => (options.MaxRepliesPerSender, options.MaxReplies) = (2, 3));
        string[] senders = ["a@x.example", "a@x.example", "A@x.example", "b@x.example", "c@x.example"];
        foreach (string sender in senders)
            await mailbox.GiveAsync($"From: {sender}\nSubject: add\n\nnothing");
        Assert.Equal(3, mailbox.Sent.Count);

        mailbox.Time.Advance(TimeSpan.FromHours(1));
        await mailbox.GiveAsync("From: c@x.example\nSubject: add\n\nnothing");

        Assert.Equal(4, mailbox.Sent.Count);
    }

    [Theory]
    [InlineData("INDEX", "info:1:1")]
    [InlineData("get", "-----BEGIN PGP PUBLIC KEY BLOCK-----")]
    public async Task Questions_are_answered_only_when_that_is_switched_on(string verb, string expected)
    {
        foreach (bool isOn in (bool[])[false, true])
        {
            await using var mailbox = new MailboxFixture(options => options.AnswerQueries = isOn);
            await mailbox.GiveAsync("Subject: incremental\n\n" + Synthetic.Armor(Synthetic.Certificate(1, Name)));

            await mailbox.GiveAsync($"From: bob@b.example\nSubject: {verb} alice@example.org\n\n");

            Assert.Equal(isOn ? 1 : 0, mailbox.Sent.Count);
            Assert.All(mailbox.Sent, sent => Assert.Contains(expected, sent.Text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Refused_mails_are_kept_within_time_and_bytes()
    {
        await using var mailbox = new MailboxFixture(static options => options.MaxRejectedBytes = 1000);
        foreach (char letter in "abcd")
        {
            await mailbox.GiveAsync($"Subject: {letter}\n\n" + new string(letter, 400));
            mailbox.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, mailbox.Reasons.Count());
        mailbox.Time.Advance(TimeSpan.FromDays(15));
        mailbox.Rejected.Trim();
        Assert.Empty(mailbox.Reasons);
    }

    [Fact]
    public async Task Mail_that_costs_more_than_it_weighs_is_refused_before_it_is_read()
    {
        await using var mailbox = new MailboxFixture();

        await mailbox.GiveAsync("Content-Type: multipart/mixed; boundary=x\n\n" + string.Concat(Enumerable.Repeat("--x\n\n", 100_000)));
        await mailbox.GiveAsync(string.Concat(Enumerable.Repeat("a:\n", 100_000)) + "\n");

        Assert.Equal([MailRejection.TooComplex, MailRejection.TooComplex], mailbox.Reasons);
    }

    [Fact]
    public void Origin_names_the_sender_and_every_server_that_has_seen_the_mail()
    {
        Assert.True(MailReader.TryRead(Vectors.Read("mail", "onak-relay-of-sks-mail.eml"), "", out ReceivedMail? mail, out _));
        Assert.Equal("admin@onak.example.org", mail.Origin.Sender);
        Assert.Equal(["pgp-public-keys@sks.example.org", "pgp-public-keys@onak.example.org"], mail.Origin.SeenBy);
        Assert.Null(mail.AnswerTo);
    }
}
