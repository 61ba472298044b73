using Sks.Node.Peers;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

/// <summary>What a peer gets to see, and what becomes of what it offers.</summary>
public sealed class PeerReconciliationTests
{
    private const string Peer = "peer.example.org 11370";
    private static readonly PeerReconciliationOptions Options = new(TimeSpan.FromDays(7), 1000, 100_000);
    private static readonly SigningKey Other = new(99);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_peer_has_is_stored_as_SKS_would_hold_it()
    {
        await using TestNode test = TestNode.Open();
        Certificate junk = Plain(1).UserId("unsigned").ThirdParty(Other).BuildCertificate();

        Assert.Equal([junk.Digest], Reconciliation(test).Plan([junk.Digest], isComplete: true).Fresh);
        Assert.Equal(junk.Digest, await TakeAsync(test, junk));

        Assert.Empty(Reconciliation(test).Plan([junk.Digest], isComplete: true).Fresh);
        await AssertSeesAsync(test, Peer, junk.Digest);
        Assert.Equal((1, 0), Counts(test));
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task A_blocked_certificate_becomes_an_alias_of_that_peer_alone()
    {
        await using TestNode test = TestNode.Open();
        Certificate blocked = SignedCertificates.Ordinary(1).BuildCertificate();
        await IssueAsync(test, RestrictionKind.Block, blocked);

        Assert.Equal(blocked.Digest, await TakeAsync(test, blocked));

        await AssertSeesAsync(test, Peer, blocked.Digest);
        await AssertSeesAsync(test, "third.example.org 11370");
        Assert.Equal(1, Status(test).Aliases);
        await test.WhileClosedAsync(static () => Task.CompletedTask);
        await AssertSeesAsync(test, Peer, blocked.Digest);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Aliases_end_with_their_time_and_when_a_restriction_is_taken_back()
    {
        await using TestNode test = TestNode.Open();
        Certificate blocked = SignedCertificates.Ordinary(1).BuildCertificate();
        await IssueAsync(test, RestrictionKind.Block, blocked);
        await TakeAsync(test, blocked);

        await IssueAsync(test, RestrictionKind.Retract, blocked);
        await AssertSeesAsync(test, Peer);
        await IssueAsync(test, RestrictionKind.Block, blocked);
        await TakeAsync(test, blocked);
        await AssertSeesAsync(test, Peer, blocked.Digest);
        test.Time.Advance(Options.AliasLifetime);
        await AssertSeesAsync(test, Peer);

        await test.WhileClosedAsync(static () => Task.CompletedTask);
        await AssertSeesAsync(test, Peer);
    }

    [Fact]
    public async Task What_is_left_of_an_erased_certificate_is_hidden_from_a_peer_that_has_all_of_it()
    {
        await using TestNode test = TestNode.Open();
        Certificate theirs = Revoked(1).BuildCertificate();
        await TakeAsync(test, theirs);
        await IssueAsync(test, RestrictionKind.Erase, theirs);
        SksDigest ours = Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest!.Value;
        Assert.NotEqual(theirs.Digest, ours);
        await AssertSeesAsync(test, Peer, ours);

        Assert.Equal(theirs.Digest, await TakeAsync(test, theirs));

        await AssertSeesAsync(test, Peer, theirs.Digest);
        await AssertSeesAsync(test, "third.example.org 11370", ours);
    }

    [Fact]
    public async Task A_frozen_certificate_is_shown_until_the_peer_has_all_of_it()
    {
        await using TestNode test = TestNode.Open(static options => options.Ingest.MaxFullViewSignatures = 100);
        Certificate ours = Flooded(60, 1).BuildCertificate();
        Certificate theirs = Flooded(60, 1000).BuildCertificate();
        Certificate union = CertificateMerger.Merge(ours, theirs);
        await TakeAsync(test, ours);

        await TakeAsync(test, theirs);
        SksDigest frozen = Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest!.Value;
        Assert.NotEqual(union.Digest, frozen);
        await AssertSeesAsync(test, Peer, theirs.Digest, frozen);

        await TakeAsync(test, union);
        await AssertSeesAsync(test, Peer, theirs.Digest, union.Digest);

        // The peer holds the union now, and asks for what it held before.
        await Reconciliation(test).NoteAskedAsync([theirs.Digest], Token);
        await AssertSeesAsync(test, Peer, union.Digest);
        await test.WhileClosedAsync(static () => Task.CompletedTask);
        await AssertSeesAsync(test, Peer, union.Digest);
    }

    [Fact]
    public async Task An_older_version_is_fetched_once_and_ours_stays_visible()
    {
        await using TestNode test = TestNode.Open();
        Certificate older = Plain(1).BuildCertificate();
        Certificate newer = Plain(1).UserId("newer").Certify().BuildCertificate();
        await TakeAsync(test, newer);
        PeerReconciliation reconciliation = Reconciliation(test);
        Assert.Equal([older.Digest], reconciliation.Plan([older.Digest], isComplete: true).Fresh);
        await TakeAsync(test, older);

        for (int round = 2; round <= 4; round++)
        {
            RecoveryPlan plan = reconciliation.Plan([older.Digest], isComplete: true);
            Assert.Empty(plan.Fresh);
            Assert.Empty(plan.Suspects);
        }

        await AssertSeesAsync(test, Peer, newer.Digest);
        Assert.Equal((0, 1), (Status(test).Aliases, Status(test).Ineffective));
    }

    [Fact]
    public async Task What_does_not_arrive_is_asked_for_singly_and_within_a_budget()
    {
        await using TestNode test = TestNode.Open();
        Certificate missing = SignedCertificates.Ordinary(1).BuildCertificate();
        Certificate another = SignedCertificates.Ordinary(2).BuildCertificate();
        PeerReconciliation reconciliation = Reconciliation(test);
        reconciliation.NoteMissing([missing.Digest, another.Digest], new HashSet<SksDigest> { another.Digest });

        for (int round = 2; round <= 3; round++)
        {
            RecoveryPlan plan = reconciliation.Plan([missing.Digest], isComplete: true);
            Assert.Empty(plan.Fresh);
            Assert.Equal([missing.Digest], plan.Suspects);
            reconciliation.NoteMissing([missing.Digest], new HashSet<SksDigest>());
        }

        Assert.Equal(1, Status(test).Ineffective);
        reconciliation.NoteSuspect(missing.Digest, 0);
        Assert.True(reconciliation.MayFetchSuspect());
        reconciliation.NoteSuspect(missing.Digest, Options.SuspectBytesPerHour);
        Assert.False(reconciliation.MayFetchSuspect());
        test.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(reconciliation.MayFetchSuspect());

        Assert.Equal(missing.Digest, await TakeAsync(test, missing));
        reconciliation.NoteSuspect(missing.Digest, 2 * Options.SuspectBytesPerHour);
        Assert.True(reconciliation.MayFetchSuspect());
        Assert.Empty(reconciliation.Plan([missing.Digest], isComplete: true).Suspects);
        Assert.Equal(0, Status(test).Ineffective);
    }

    [Fact]
    public async Task What_cannot_be_read_becomes_an_alias_when_it_was_asked_for_alone()
    {
        await using TestNode test = TestNode.Open();
        SksDigest first = new(1);
        SksDigest second = new(2);
        byte[] broken = [0x99, 0xFF, 0xFF, 0x04];
        PeerReconciliation reconciliation = Reconciliation(test);

        Assert.Null(await reconciliation.TakeAsync(broken, new HashSet<SksDigest> { first, second }, Token));
        await AssertSeesAsync(test, Peer);
        Assert.Equal(first, await reconciliation.TakeAsync(broken, new HashSet<SksDigest> { first }, Token));

        Assert.Equal(1, Status(test).Aliases);
    }

    [Fact]
    public async Task A_certificate_under_a_digest_not_its_own_becomes_an_alias_when_it_was_asked_for_alone()
    {
        await using TestNode test = TestNode.Open();
        Certificate certificate = Plain(1).BuildCertificate();
        var odd = new SksDigest(77);

        Assert.Equal(odd, await Reconciliation(test).TakeAsync(certificate.ToArray(), new HashSet<SksDigest> { odd }, Token));

        await AssertSeesAsync(test, Peer, odd);
        await AssertSeesAsync(test, "third.example.org 11370", certificate.Digest);
    }

    private static SignedCertificate Plain(int seed) =>
        SignedCertificates.Begin(seed).UserId($"Number {seed} <number.{seed}@example.org>").Certify();

    private static SignedCertificate Revoked(int seed) =>
        SignedCertificates.Begin(seed).RevokeKey().UserId($"Number {seed} <number.{seed}@example.org>").Certify();

    private static SignedCertificate Flooded(int signatures, int firstSeed)
    {
        SignedCertificate certificate = SignedCertificates.Begin(1).UserId("Number 1 <number.1@example.org>").Certify();
        for (int i = 0; i < signatures; i++)
            certificate = certificate.ThirdParty(Other, spec => spec.At((uint)(1_600_000_000 + firstSeed + i)).WithWrongHashTag());
        return certificate;
    }

    private static PeerReconciliation Reconciliation(TestNode test) => test.Node.Reconciliation.With(Peer, Options);

    private static Task<SksDigest?> TakeAsync(TestNode test, Certificate certificate) =>
        Reconciliation(test).TakeAsync(certificate.ToArray(), new HashSet<SksDigest> { certificate.Digest }, Token);

    private static Task<RestrictionResult> IssueAsync(TestNode test, RestrictionKind kind, Certificate certificate) => test.Node.Restrictions.IssueAsync(
        kind, new RestrictionSubject.Certificate(certificate.PrimaryKey.Fingerprint), "anna", "order 17", Token);

    private static async Task AssertSeesAsync(TestNode test, string peer, params SksDigest[] digests)
    {
        PeerReconciliation reconciliation = test.Node.Reconciliation.With(peer, Options);
        await reconciliation.PrepareAsync(Token);
        using ReconciliationSnapshot? snapshot = reconciliation.TakeSnapshot();
        Assert.NotNull(snapshot);
        TreeNode root = snapshot.Tree.Read(Prefix.Root);
        Assert.Equal(digests.Select(static digest => new Element(digest.Value)).Order(), root.Elements);
    }

    private static PeerStatus Status(TestNode test) => test.Node.Peers.Read().Single(static status => status.Name == Peer);

    private static (long Recovered, int Aliases) Counts(TestNode test) => (Status(test).Recovered, Status(test).Aliases);
}
