using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Tests;

/// <summary>What is sent on to servers that do not ask for it.</summary>
public class OutboxServiceTests
{
    private const string One = "one@example.org";
    private const string Two = "two@example.org";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_the_part_of_the_submission_that_was_accepted()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.Outbox.SetTargetsAsync([One], OutboxUse.Clients, Token);
        await test.SubmitAsync(SignedCertificates.Begin(1).UserId("Alice").Certify().Build());
        await test.SubmitAsync(SignedCertificates.Begin(1).UserId("Bob").Certify().UserId("Not signed").Build());

        OutgoingCertificate[] waiting = [.. test.Node.Outbox.ReadFor(One, 10)];
        Assert.Equal([["Alice"], ["Bob"]], waiting.Select(UserIds));
        Assert.All(waiting, outgoing => Assert.Equal((test.Time.GetUtcNow(), null), (outgoing.Time, outgoing.Origin)));
    }

    [Fact]
    public async Task What_changes_nothing_or_comes_from_elsewhere_is_not_sent()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await test.Node.Outbox.SetTargetsAsync([One], OutboxUse.Clients, Token);

        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await test.ImportAsync(new MemoryStream(SignedCertificates.Ordinary(2).Build()));
        await SubmitByMailAsync(test, 3);

        Assert.Empty(test.Node.Outbox.ReadFor(One, 10));
    }

    [Fact]
    public async Task A_relay_keeps_what_mail_brings_with_where_it_has_been()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.Outbox.SetTargetsAsync([One], OutboxUse.ClientsAndRelay, Token);

        await SubmitByMailAsync(test, 1);

        MailOrigin origin = Assert.Single(test.Node.Outbox.ReadFor(One, 10)).Origin!;
        Assert.Equal("a@example.org", origin.Sender);
        Assert.Equal(["b@example.org", "a@example.org"], origin.SeenBy);
    }

    [Fact]
    public async Task Each_target_has_its_position_also_after_a_restart()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.Outbox.SetTargetsAsync([One], OutboxUse.Clients, Token);
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await test.Node.Outbox.SetTargetsAsync([One, Two], OutboxUse.Clients, Token);
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(2));
        Assert.Equal((2, 1), (test.Node.Outbox.CountFor(One), test.Node.Outbox.CountFor(Two)));
        await test.Node.Outbox.AdvanceAsync(Two, test.Node.Outbox.ReadFor(Two, 1).Single().Sequence, Token);

        await test.WhileClosedAsync(() => Task.CompletedTask);
        await test.Node.Outbox.SetTargetsAsync([One, Two], OutboxUse.Clients, Token);
        Assert.Equal((2, 0), (test.Node.Outbox.CountFor(One), test.Node.Outbox.CountFor(Two)));

        // Nobody waits for them any more, and who comes later gets what comes later.
        await test.Node.Outbox.SetTargetsAsync([Two], OutboxUse.Clients, Token);
        await test.Node.Outbox.SetTargetsAsync([One, Two], OutboxUse.Clients, Token);
        Assert.Equal((0, 0), (test.Node.Outbox.CountFor(One), test.Node.Outbox.CountFor(Two)));
    }

    [Fact]
    public async Task What_is_restricted_meanwhile_is_empty_or_gone()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.Outbox.SetTargetsAsync([One], OutboxUse.Clients, Token);
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1), SignedCertificates.Ordinary(2));

        var subject = new Restrictions.RestrictionSubject.Certificate(SignedCertificates.Ordinary(1).Primary.Fingerprint);
        await test.Node.Restrictions.IssueAsync(Restrictions.RestrictionKind.Block, subject, "author", "reason", Token);

        Assert.Equal(SignedCertificates.Ordinary(2).Primary.Fingerprint, Assert.Single(test.Node.Outbox.ReadFor(One, 10)).Fingerprint);
    }

    private static async Task SubmitByMailAsync(TestNode test, int seed)
    {
        var origin = new SubmissionOrigin(ChangeSource.Mail, "mail") { Mail = new MailOrigin("a@example.org", ["b@example.org", "a@example.org"]) };
        SubmissionOutcome outcome = Assert.Single(
            await test.Node.Submissions.SubmitAsync(SignedCertificates.Ordinary(seed).Build(), origin, Token).ToListAsync(Token));
        Assert.Equal(SubmissionResult.Added, outcome.Result);
    }

    private static string[] UserIds(OutgoingCertificate outgoing)
    {
        Assert.True(CertificateReader.TryRead(outgoing.Packets, OpenPgpLimits.Default, out Certificate certificate, out _));
        return [.. certificate.UserIds.Select(static userId => System.Text.Encoding.UTF8.GetString(userId.Packet.Body.Span))];
    }
}
