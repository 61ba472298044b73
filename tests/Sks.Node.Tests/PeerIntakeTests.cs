using System.Buffers.Binary;
using Sks.Node.Links;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;
using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

public class PeerIntakeTests
{
    private static readonly NodeId Peer = new(1, 1);
    private static readonly int Policy = CleanViewPolicy.Current.Version;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_offered_is_taken_as_it_is()
    {
        await using TestNode giver = TestNode.Open();
        await using TestNode taker = TestNode.Open();
        await giver.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        OfferedCertificate offered = Offered(giver);

        Assert.Equal(new TakePlan(null, null), taker.Node.Links.Intake.Plan(Outline(offered), Policy));
        IntakeOutcome outcome = await taker.Node.Links.Intake.TakeAsync(Peer, PrefixOf(offered.Digest), offered.Packets, Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Held, null, offered.Digest, true), outcome);
        Assert.Equal(RefusalReason.Held, taker.Node.Links.Intake.Plan(Outline(offered), Policy).Declined);
        Assert.Equal(1, taker.Node.GetStatistics().Outcomes[(ChangeSource.Peer, SubmissionResult.Added)]);
        await taker.AssertSoundAsync();
    }

    [Fact]
    public async Task Of_an_update_only_the_new_packet_is_missing()
    {
        await using TestNode giver = TestNode.Open();
        await using TestNode taker = TestNode.Open();
        await taker.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await giver.SubmitSignedAsync(SignedCertificates.Ordinary(1).RevokeKey());
        OfferedCertificate offered = Offered(giver);

        byte[] missing = taker.Node.Links.Intake.Plan(Outline(offered), Policy).Missing!;
        Assert.Equal(1, missing.Sum(static bits => byte.PopCount(bits)));
        ReadOnlyMemory<byte> sent = offered.Select(missing)!.Value;
        Assert.InRange(sent.Length, 50, 200);
        IntakeOutcome outcome = await taker.Node.Links.Intake.TakeAsync(Peer, Outline(offered), missing, sent, Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Held, null, offered.Digest, true), outcome);
        await taker.AssertSoundAsync();
    }

    [Fact]
    public async Task What_does_not_make_what_was_offered_is_not_stored()
    {
        await using TestNode giver = TestNode.Open();
        await using TestNode taker = TestNode.Open();
        await taker.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await giver.SubmitSignedAsync(SignedCertificates.Ordinary(1).RevokeKey());
        OfferedCertificate offered = Offered(giver);
        CertificateOutline outline = Outline(offered);
        byte[] missing = taker.Node.Links.Intake.Plan(outline, Policy).Missing!;
        ReadOnlyMemory<byte> sent = offered.Select(missing)!.Value;

        IntakeOutcome[] outcomes =
        [
            await taker.Node.Links.Intake.TakeAsync(Peer, outline, missing, sent[..^1], Policy, Token),
            await taker.Node.Links.Intake.TakeAsync(Peer, outline, missing, ReadOnlyMemory<byte>.Empty, Policy, Token),
            await taker.Node.Links.Intake.TakeAsync(Peer, outline with { Size = int.MaxValue }, missing, sent, Policy, Token),
            await taker.Node.Links.Intake.TakeAsync(Peer, outline with { PacketHashes = new byte[8 * 200_000] }, missing, sent, Policy, Token),
        ];
        Assert.All(outcomes, static outcome => Assert.Equal(IntakeResult.Incomplete, outcome.Result));

        IntakeOutcome wrong = await taker.Node.Links.Intake.TakeAsync(Peer, PrefixOf(offered.Digest) + 1, offered.Packets, Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Refused, RefusalReason.Invalid, null, false), wrong);
        IntakeOutcome whole = await taker.Node.Links.Intake.TakeAsync(Peer, outline, null, SignedCertificates.Ordinary(2).Build(), Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Refused, RefusalReason.Invalid, outline.Digest, false), whole);
        IntakeOutcome unreadable = await taker.Node.Links.Intake.TakeAsync(Peer, outline, null, new byte[100], Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Refused, RefusalReason.Invalid, outline.Digest, false), unreadable);
        IntakeOutcome noise = await taker.Node.Links.Intake.TakeAsync(Peer, 0, new byte[100], Policy, Token);
        Assert.Equal(RefusalReason.Invalid, noise.Reason);
        Assert.Null(offered.Select(new byte[100]));
        Assert.Empty(Assert.Single(taker.Node.ReadAll(ServedView.Full)).Read().Certificate.DirectSignatures);
    }

    // The peer calls it a clean view; what is proven of it is worked out here.
    [Theory]
    [InlineData(SubmissionPolicy.Proven)]
    [InlineData(SubmissionPolicy.Full)]
    public async Task Of_what_a_peer_gives_only_what_is_proven_enters(SubmissionPolicy submissions)
    {
        await using TestNode taker = TestNode.Open(options => options.Ingest.Submissions = submissions);
        SignedCertificate clean = SignedCertificates.Begin(1).UserId("someone").Certify();
        Certificate dirty = SignedCertificates.Begin(1).UserId("someone").Certify().UserId("unsigned").BuildCertificate();
        ContentDigest digest = ContentDigest.Compute(Policy, dirty);
        IntakeOutcome outcome = await taker.Node.Links.Intake.TakeAsync(Peer, PrefixOf(digest), dirty.ToArray(), Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Merged, null, digest, true), outcome);
        Assert.Equal(clean.BuildCertificate().Digest, Assert.Single(taker.Node.ReadAll(ServedView.Full)).Stored.SksDigest);

        Certificate unproven = new SignedCertificate(new SigningKey(9)).UserId("someone").BuildCertificate();
        IntakeOutcome nothing = await taker.Node.Links.Intake.TakeAsync(
            Peer, PrefixOf(ContentDigest.Compute(Policy, unproven)), unproven.ToArray(), Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Refused, RefusalReason.Invalid, ContentDigest.Compute(Policy, unproven), false), nothing);
    }

    [Fact]
    public async Task A_variant_of_a_signature_that_is_held_does_not_enter_the_full_view()
    {
        await using TestNode taker = TestNode.Open();
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1)).UserId("someone").Certify();
        byte[] bloated = SignatureVariant.WithUnhashed(
            certificate.LastSignature, Subpacket.Notation("n@example.org", new byte[200]), Subpacket.Issuer(certificate.Primary));
        await taker.SubmitSignedAsync(new SignedCertificate(new SigningKey(1)).UserId("someone").Add(PacketTag.Signature, bloated));
        SksDigest? before = Assert.Single(taker.Node.ReadAll(ServedView.Full)).Stored.SksDigest;
        Certificate better = certificate.BuildCertificate();
        IntakeOutcome outcome = await taker.Node.Links.Intake.TakeAsync(
            Peer, PrefixOf(ContentDigest.Compute(Policy, better)), better.ToArray(), Policy, Token);
        Assert.Equal(IntakeResult.Held, outcome.Result);
        Assert.Equal(before, Assert.Single(taker.Node.ReadAll(ServedView.Full)).Stored.SksDigest);
    }

    // A stranger's signature that is in the full view already must not enter the clean view because a peer's outline names it.
    [Fact]
    public async Task Unproven_packets_that_complete_an_outline_stay_where_they_are()
    {
        await using TestNode taker = TestNode.Open();
        Certificate dirty = SignedCertificates.Begin(1).UserId("someone").Certify().UserId("unsigned").BuildCertificate();
        await taker.ImportAsync(new MemoryStream(dirty.ToArray()));
        ContentDigest? before = Assert.Single(taker.Node.ReadAll(ServedView.Clean)).ContentDigest;
        var claimed = new OfferedCertificate(ContentDigest.Compute(Policy, dirty), dirty.Identity, dirty.ToArray());
        byte[] missing = taker.Node.Links.Intake.Plan(Outline(claimed), Policy).Missing!;
        Assert.True(missing.All(static bits => bits == 0));
        IntakeOutcome outcome = await taker.Node.Links.Intake.TakeAsync(Peer, Outline(claimed), missing, ReadOnlyMemory<byte>.Empty, Policy, Token);
        Assert.Equal(new IntakeOutcome(IntakeResult.Merged, null, claimed.Digest, false), outcome);
        Assert.Equal(before, Assert.Single(taker.Node.ReadAll(ServedView.Clean)).ContentDigest);
    }

    [Fact]
    public async Task Restrictions_hold_for_giving_and_taking()
    {
        await using TestNode giver = TestNode.Open();
        await using TestNode taker = TestNode.Open();
        await giver.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        OfferedCertificate offered = Offered(giver);
        await taker.Node.Restrictions.IssueAsync(
            RestrictionKind.Block, new RestrictionSubject.Certificate(offered.Identity.Fingerprint), "a", "", Token);
        Assert.Equal(RefusalReason.Restricted, taker.Node.Links.Intake.Plan(Outline(offered), Policy).Declined);
        IntakeOutcome outcome = await taker.Node.Links.Intake.TakeAsync(Peer, PrefixOf(offered.Digest), offered.Packets, Policy, Token);
        Assert.Equal((IntakeResult.Refused, (RefusalReason?)RefusalReason.Restricted), (outcome.Result, outcome.Reason));
        Assert.Empty(taker.Node.ReadAll(ServedView.Full));
        Assert.Equal(RefusalReason.NotHeld, taker.Node.Links.Offers.Find(PrefixOf(offered.Digest), Policy).Reason);
    }

    [Fact]
    public async Task What_is_larger_than_allowed_is_not_taken()
    {
        await using TestNode giver = TestNode.Open();
        await using TestNode taker = TestNode.Open();
        await giver.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        CertificateOutline outline = Outline(Offered(giver));
        Assert.Equal(RefusalReason.TooLarge, taker.Node.Links.Intake.Plan(outline with { Size = 1L << 40 }, Policy).Declined);
        Assert.Null(taker.Node.Links.Intake.Plan(outline with { PacketHashes = new byte[7] }, Policy).Missing);
    }

    private static OfferedCertificate Offered(TestNode node)
    {
        ContentDigest digest = Assert.Single(node.Node.ReadAll(ServedView.Clean)).ContentDigest!.Value;
        CertificateOffer offer = node.Node.Links.Offers.Find(PrefixOf(digest), Policy);
        Assert.Equal(digest, offer.Digest);
        return offer.Certificate!;
    }

    private static CertificateOutline Outline(OfferedCertificate offered) =>
        new(offered.Digest, offered.Identity, offered.Packets.Length, offered.HashPackets());

    private static ulong PrefixOf(ContentDigest digest) => BinaryPrimitives.ReadUInt64BigEndian(digest.Span);
}
