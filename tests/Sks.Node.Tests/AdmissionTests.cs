using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

public class AdmissionTests
{
    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Other = new(2);

    [Fact]
    public async Task Of_a_submission_only_what_is_proven_is_stored()
    {
        SignedCertificate clean = Base();
        byte[] dirty = Base().UserId("unsigned <victim@example.org>").ThirdParty(Other).UserId("other").ThirdParty(Other, static spec => spec.WithWrongHashTag()).Build();
        await using TestNode test = TestNode.Open();
        Assert.Equal(SubmissionResult.Added, Assert.Single(await test.SubmitAsync(dirty)).Result);

        Certificate expected = clean.BuildCertificate();
        Assert.Equal(expected.Digest, Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest);
        Assert.Equal(expected.Digest, Assert.Single(test.Find(new CertificateSelector.ByFingerprint(Owner.Fingerprint))).Read().Certificate.Digest);
        Assert.Empty(test.Find(new CertificateSelector.ByIdentity("victim@example.org"), ServedView.Full));
        IReadOnlyDictionary<PacketFate, long> leftOut = test.Node.GetStatistics().LeftOut;
        Assert.Equal(2, leftOut[PacketFate.Unproven]);
        Assert.Equal(1, leftOut[PacketFate.WrongHashTag]);

        Assert.Equal(SubmissionResult.Unchanged, Assert.Single(await test.SubmitAsync(dirty)).Result);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Of_an_import_everything_is_stored_and_the_proven_part_is_served()
    {
        Certificate dirty = Base().UserId("unsigned <victim@example.org>").ThirdParty(Other).BuildCertificate();
        await using TestNode test = TestNode.Open();
        await test.ImportAsync(new MemoryStream(dirty.ToArray()));
        Assert.Equal(dirty.Digest, Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest);
        Assert.Equal(Base().BuildCertificate().Digest, Assert.Single(test.Node.ReadAll(ServedView.Clean)).Read().Certificate.Digest);
    }

    [Fact]
    public async Task An_operator_may_let_submissions_add_everything()
    {
        Certificate dirty = Base().UserId("unsigned").BuildCertificate();
        await using TestNode test = TestNode.Open(static options => options.Ingest.Submissions = SubmissionPolicy.Full);
        await test.SubmitAsync(dirty.ToArray());
        Assert.Equal(dirty.Digest, Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest);
    }

    [Fact]
    public async Task A_submission_that_proves_nothing_is_rejected_and_an_import_of_it_is_not_served()
    {
        byte[] unproven = new SignedCertificate(Owner).UserId("someone").ThirdParty(Other).Build();
        await using TestNode test = TestNode.Open();
        Assert.Equal(
            [SubmissionOutcome.Rejected(RejectionReason.NothingProven, Owner.Fingerprint)], await test.SubmitAsync(unproven));
        Assert.Empty(test.Node.ReadAll(ServedView.Full));

        await test.ImportAsync(new MemoryStream(unproven));
        Assert.Single(test.Node.ReadAll(ServedView.Full));
        Assert.Empty(test.Node.ReadAll(ServedView.Clean));
        Assert.Empty(test.Find(new CertificateSelector.ByFingerprint(Owner.Fingerprint)));
        Assert.Single(test.Find(new CertificateSelector.ByFingerprint(Owner.Fingerprint), ServedView.Full));
    }

    [Fact]
    public async Task Version_6_has_a_clean_view_only()
    {
        SignedCertificate certificate = SignedCertificate.Ordinary(6, version: 6);
        await using TestNode test = TestNode.Open();
        SubmissionOutcome outcome = Assert.Single(await test.SubmitAsync(certificate.Build()));
        Assert.Equal((SubmissionResult.Added, (SksDigest?)null), (outcome.Result, outcome.Digest));
        ServedCertificate served = Assert.Single(test.Find(new CertificateSelector.ByFingerprint(certificate.Primary.Fingerprint)));
        Assert.Equal(certificate.BuildCertificate().PacketCount, served.Read().Certificate.PacketCount);
        Assert.Empty(test.Node.ReadAll(ServedView.Full));
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task A_frozen_certificate_still_takes_its_revocation()
    {
        await using TestNode test = TestNode.Open(static options => options.Ingest.MaxFullViewSignatures = 100);
        SignedCertificate flooded = Base();
        for (int i = 0; i < 150; i++)
            flooded.ThirdParty(Other, spec => spec.At(SigningKey.DefaultCreationTime + (uint)i));
        await test.ImportAsync(new MemoryStream(flooded.Build()));
        int before = CountSignatures(test);
        Assert.InRange(before, 100, 151);

        await test.ImportAsync(new MemoryStream(Base().ThirdParty(new SigningKey(3)).ThirdParty(Other, static spec => spec.WithWrongHashTag()).Build()));
        SubmissionOutcome revoked = Assert.Single(await test.SubmitAsync(new SignedCertificate(Owner).RevokeKey().Build()));
        Assert.Equal(SubmissionResult.Updated, revoked.Result);
        Certificate served = Assert.Single(test.Find(new CertificateSelector.ByFingerprint(Owner.Fingerprint))).Read().Certificate;
        Assert.Single(served.DirectSignatures);
        Assert.Single(Assert.Single(test.Node.ReadAll(ServedView.Full)).Read().Certificate.DirectSignatures);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Strangers_who_push_each_other_out_of_the_clean_view_do_not_make_the_full_view_grow()
    {
        await using TestNode test = TestNode.Open(static options =>
        {
            options.Ingest.MaxFullViewSignatures = 250;
            options.Policies = [CleanViewPolicy.Current with { MaxThirdPartySignatures = 20 }];
        });
        await test.SubmitAsync(Base().Build());
        for (uint batch = 0; batch < 30; batch++)
        {
            SignedCertificate flooded = Base();
            for (uint i = 0; i < 40; i++)
                flooded.ThirdParty(Other, spec => spec.At(SigningKey.DefaultCreationTime + (40 * batch) + i));
            await test.SubmitAsync(flooded.Build());
        }

        Assert.InRange(CountSignatures(test), 21, 250);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task A_variant_of_a_signature_that_the_full_view_has_does_not_enter_it()
    {
        await using TestNode test = TestNode.Open();
        SignedCertificate certificate = Base();
        byte[] bloated = SignatureVariant.WithUnhashed(certificate.LastSignature, Subpacket.Notation("n@example.org", new byte[200]), Subpacket.Issuer(Owner));
        byte[] first = new SignedCertificate(Owner).UserId("Someone <someone@example.org>").Add(PacketTag.Signature, bloated).Build();
        await test.SubmitAsync(first);
        SksDigest? before = Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest;

        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(certificate.Build())).Result);
        Assert.Equal(certificate.BuildCertificate().Digest, Assert.Single(test.Node.ReadAll(ServedView.Clean)).Read().Certificate.Digest);
        Assert.Equal(before, Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task A_certificate_with_its_signatures_swapped_does_not_keep_the_right_one_away()
    {
        SignedCertificate right = new SignedCertificate(Owner).UserId("first").Certify();
        byte[] one = right.LastSignature;
        byte[] two = right.UserId("second").Certify().LastSignature;
        SignedCertificate swapped = new SignedCertificate(Owner).UserId("first").Add(PacketTag.Signature, two).UserId("second").Add(PacketTag.Signature, one);
        Assert.Equal(right.BuildCertificate().Digest, swapped.BuildCertificate().Digest);

        await using TestNode test = TestNode.Open();
        await test.ImportAsync(new MemoryStream(swapped.Build()));
        Assert.Empty(test.Node.ReadAll(ServedView.Clean));
        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(right.Build())).Result);
        Assert.Equal(2, Assert.Single(test.Node.ReadAll(ServedView.Clean)).Read().Certificate.UserIds.Count);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task A_key_and_its_bare_revocation_may_come_in_one_upload()
    {
        await using TestNode test = TestNode.Open();
        byte[] armored = [.. Armor.Write(Base().Build()), .. Armor.Write(RevocationOf(Other)), .. Armor.Write(RevocationOf(Owner))];
        Assert.Equal(
            [SubmissionResult.Added, SubmissionResult.Rejected, SubmissionResult.Updated],
            (await test.SubmitAsync(armored)).Select(static outcome => outcome.Result));
    }

    [Fact]
    public async Task A_revocation_that_stands_behind_a_subkey_is_taken_from_what_is_too_large()
    {
        await using TestNode test = TestNode.Open(static options => options.Ingest.MaxCleanViewBytes = 16 * 1024);
        SignedCertificate large = new SignedCertificate(Owner).UserId("someone");
        for (uint i = 0; i < 5; i++)
            large.Certify(spec => spec.At(SigningKey.DefaultCreationTime + i).With(new Subpacket((byte)SubpacketType.PolicyUri, new byte[5000])));
        await test.SubmitAsync(Base().Build());
        byte[] revoked = [.. large.Build(), .. RevocationOf(Owner)];
        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(revoked)).Result);
        Assert.Single(Assert.Single(test.Node.ReadAll(ServedView.Clean)).Read().Certificate.DirectSignatures);
    }

    [Fact]
    public async Task Above_the_bound_a_first_version_keeps_the_smallest_packets_in_any_order()
    {
        SignedCertificate flooded = Base();
        for (int i = 0; i < 120; i++)
            flooded.ThirdParty(Other, spec => spec.WithWrongHashTag().Noting("n@example.org", new string('x', 10 * i)));
        Certificate whole = flooded.BuildCertificate();
        await using TestNode test = TestNode.Open(static options => options.Ingest.MaxFullViewSignatures = 100);
        await test.ImportAsync(new MemoryStream(whole.ToArray()));

        Certificate full = Assert.Single(test.Node.ReadAll(ServedView.Full)).Read().Certificate;
        int[] kept = [.. full.UserIds[0].Signatures.Select(static packet => packet.Body.Length).Order()];
        int[] all = [.. whole.UserIds[0].Signatures.Select(static packet => packet.Body.Length).Order()];
        Assert.Equal(all[..100], kept);
    }

    [Fact]
    public async Task A_clean_view_that_its_owner_makes_too_large_still_takes_revocations()
    {
        await using TestNode test = TestNode.Open(static options => options.Ingest.MaxCleanViewBytes = 16 * 1024);
        await test.SubmitAsync(Noted(1).Build());
        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(Noted(2).Build())).Result);
        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(Noted(3).Build())).Result);
        ContentDigest? before = Assert.Single(test.Node.ReadAll(ServedView.Clean)).ContentDigest;

        Assert.Equal(RejectionReason.TooLarge, Assert.Single(await test.SubmitAsync(Noted(4).Build())).Reason);
        Assert.Equal(before, Assert.Single(test.Node.ReadAll(ServedView.Clean)).ContentDigest);
        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(Noted(5).RevokeKey().Build())).Result);
        Certificate served = Assert.Single(test.Node.ReadAll(ServedView.Clean)).Read().Certificate;
        Assert.Equal((1, 3), (served.DirectSignatures.Count, served.UserIds[0].Signatures.Count));
        await test.AssertSoundAsync();

        static SignedCertificate Noted(uint time) => new SignedCertificate(Owner).UserId("someone")
            .Certify(spec => spec.At(SigningKey.DefaultCreationTime + time).With(new Subpacket((byte)SubpacketType.PolicyUri, new byte[5000])));
    }

    [Fact]
    public async Task A_bare_revocation_finds_the_certificate_whose_key_made_it()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitAsync(Base().Build());
        byte[] revocation = RevocationOf(Owner);
        Assert.Equal(SubmissionResult.Updated, Assert.Single(await test.SubmitAsync(revocation)).Result);
        Assert.Single(Assert.Single(test.Find(new CertificateSelector.ByFingerprint(Owner.Fingerprint))).Read().Certificate.DirectSignatures);
        Assert.Equal(SubmissionResult.Unchanged, Assert.Single(await test.SubmitAsync(revocation)).Result);

        SubmissionOutcome unknown = Assert.Single(await test.SubmitAsync(RevocationOf(Other)));
        Assert.Equal(RejectionReason.StandaloneRevocation, unknown.Reason);
    }

    [Theory]
    [InlineData(SubmissionPolicy.Proven)]
    [InlineData(SubmissionPolicy.Full)]
    public async Task A_forged_bare_revocation_is_rejected(SubmissionPolicy policy)
    {
        await using TestNode test = TestNode.Open(options => options.Ingest.Submissions = policy);
        await test.SubmitAsync(Base().Build());
        var forged = new SignedCertificate(Owner);
        forged.RevokeKeyBy(Other, change: static spec => spec.ClaimingIssuer(Owner));
        SubmissionOutcome outcome = Assert.Single(await test.SubmitAsync(TestPackets.Frame(PacketTag.Signature, forged.LastSignature)));
        Assert.Equal(RejectionReason.StandaloneRevocation, outcome.Reason);
        Assert.Equal(1ul, test.Node.Changes.Current.Sequence);
    }

    [Fact]
    public async Task A_new_policy_is_served_after_every_certificate_has_its_view()
    {
        await using TestNode test = TestNode.Open();
        SignedCertificate[] certificates = [.. Enumerable.Range(1, 40).Select(static seed => Certified(new SigningKey(seed), 5))];
        await test.SubmitAsync((byte[])[.. certificates.SelectMany(static certificate => certificate.Build())]);
        Assert.All(test.Node.ReadAll(ServedView.Clean), static served => Assert.Equal(5, served.Read().Certificate.UserIds[0].Signatures.Count));

        test.Options.Policies = [CleanViewPolicy.Current, CleanViewPolicy.Current with { Version = 2, MaxSelfSignatures = 2 }];
        await test.WhileClosedAsync(static () => Task.CompletedTask);
        await Eventually.IsTrueAsync(() => test.Node.GetStatistics().ServedPolicy == 2, "the new policy is served", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(40, test.Node.ReadAll(ServedView.Clean).Count());
        Assert.All(test.Node.ReadAll(ServedView.Clean), static served => Assert.Equal(2, served.Read().Certificate.UserIds[0].Signatures.Count));
        await test.AssertSoundAsync();
    }

    private static SignedCertificate Base() => new SignedCertificate(Owner).UserId("Someone <someone@example.org>").Certify();

    private static SignedCertificate Certified(SigningKey key, int count)
    {
        SignedCertificate certificate = new SignedCertificate(key).UserId("someone");
        for (int i = 0; i < count; i++)
            certificate.Certify(spec => spec.At(key.CreationTime + (uint)i));
        return certificate;
    }

    private static byte[] RevocationOf(SigningKey key) =>
        TestPackets.Frame(PacketTag.Signature, new SignedCertificate(key).RevokeKey().LastSignature);

    private static int CountSignatures(TestNode test) =>
        Assert.Single(test.Node.ReadAll(ServedView.Full)).Read().Certificate.UserIds[0].Signatures.Count;
}
