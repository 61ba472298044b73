using Sks.OpenPgp.Verification;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Third-party certifications that the owner wants distributed have places of their own.</summary>
public sealed class AttestationTests
{
    private const uint Time = 1_600_000_000;

    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Friend = new(8);
    private static readonly SigningKey Stranger = new(9);
    private static readonly CleanViewPolicy NoOthers = CleanViewPolicy.Current with { MaxThirdPartySignatures = 0 };

    [Fact]
    public void Attested_certifications_are_kept_besides_the_two_hundred()
    {
        SignedCertificate certificate = Start();
        List<byte[]> attested = [];
        for (uint i = 0; i < 50; i++)
            attested.Add(certificate.ThirdParty(Friend, spec => spec.At(Time + i)).LastSignature);
        for (uint i = 0; i < 300; i++)
            certificate.ThirdParty(Stranger, spec => spec.At(Time + i));
        var examined = new Examined(certificate.Attest(attested));

        Assert.All(attested, signature => Assert.Equal(PacketFate.Kept, examined.FateOf(signature)));
        Assert.Equal(2 + 50 + 200, examined.Count(PacketTag.Signature));
    }

    [Fact]
    public void The_newest_attestation_replaces_older_ones()
    {
        SignedCertificate certificate = Start();
        byte[] first = certificate.ThirdParty(Friend).LastSignature;
        byte[] second = certificate.ThirdParty(Stranger).LastSignature;
        byte[] newer = certificate.Attest([second], static spec => spec.At(Time + 2)).LastSignature;
        byte[] older = certificate.Attest([first], static spec => spec.At(Time + 1)).LastSignature;
        var examined = new Examined(certificate, NoOthers);

        Assert.Equal(PacketFate.Kept, examined.FateOf(newer));
        Assert.Equal(PacketFate.AttestationReplaced, examined.FateOf(older));
        Assert.Equal(PacketFate.Kept, examined.FateOf(second));
        Assert.Equal(PacketFate.EnoughThirdPartySignatures, examined.FateOf(first));
    }

    [Fact]
    public void An_empty_attestation_takes_all_places_back()
    {
        SignedCertificate certificate = Start();
        byte[] first = certificate.ThirdParty(Friend).LastSignature;
        certificate.Attest([first], static spec => spec.At(Time + 1)).Attest([], static spec => spec.At(Time + 2));
        var examined = new Examined(certificate, NoOthers);

        Assert.Equal(PacketFate.Kept, examined.FateOf(certificate.LastSignature));
        Assert.Equal(PacketFate.EnoughThirdPartySignatures, examined.FateOf(first));
    }

    // Long lists need several signatures.
    [Fact]
    public void Attestations_made_at_the_same_time_count_together()
    {
        SignedCertificate certificate = Start();
        byte[] first = certificate.ThirdParty(Friend).LastSignature;
        byte[] second = certificate.ThirdParty(Stranger).LastSignature;
        certificate.Attest([first], static spec => spec.At(Time)).Attest([second], static spec => spec.At(Time));
        var examined = new Examined(certificate, NoOthers);

        Assert.Equal(PacketFate.Kept, examined.FateOf(first));
        Assert.Equal(PacketFate.Kept, examined.FateOf(second));
    }

    [Fact]
    public void An_attestation_by_another_key_is_not_shown_and_attests_nothing()
    {
        SignedCertificate certificate = Start();
        byte[] certification = certificate.ThirdParty(Stranger).LastSignature;
        byte[] digest = SignatureSpec.AttestedDigest(Stranger.Hash, certification);
        SignatureSpec attestation = new SignatureSpec(SignatureType.Attestation).With(Subpacket.AttestedCertifications([digest]));
        byte[] foreign = certificate.Sign(attestation, Stranger).LastSignature;
        byte[] forged = certificate.Sign(attestation.ClaimingIssuer(Owner), Stranger).LastSignature;
        var examined = new Examined(certificate, NoOthers);

        Assert.Equal(PacketFate.NotByOwner, examined.FateOf(foreign));
        Assert.Equal(PacketFate.NotByOwner, examined.FateOf(forged));
        Assert.Equal(PacketFate.EnoughThirdPartySignatures, examined.FateOf(certification));
    }

    [Fact]
    public void An_attestation_is_about_its_own_user_ID()
    {
        SignedCertificate certificate = Start();
        byte[] certification = certificate.ThirdParty(Friend).LastSignature;
        certificate.UserId("Other").Certify().Attest([certification]);

        Assert.Equal(PacketFate.EnoughThirdPartySignatures, new Examined(certificate, NoOthers).FateOf(certification));
    }

    [Fact]
    public void An_attestation_alone_proves_no_user_ID()
    {
        SignedCertificate certificate = Start().UserId("Other").ThirdParty(Friend).Attest();

        Assert.Equal(PacketFate.Unproven, new Examined(certificate).FateOf(TestPackets.UserId("Other")));
        Assert.Equal(PacketFate.ComponentLeftOut, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    // The digest leaves the unhashed area out, which anybody can write.
    [Fact]
    public void Of_the_variants_of_an_attested_certification_one_has_a_place_of_its_own()
    {
        SignedCertificate certificate = Start();
        byte[] certification = certificate.ThirdParty(Friend).LastSignature;
        certificate.Attest([certification]);
        for (int i = 0; i < 500; i++)
        {
            byte[] junk = TestPackets.Filled(100, i, "junk");
            certificate.Add(PacketTag.Signature, SignatureVariant.WithUnhashed(certification, Subpacket.Issuer(Friend), new Subpacket(100, junk)));
        }

        Assert.Equal(PacketFate.Kept, new Examined(certificate, NoOthers).FateOf(certification));
        Assert.Equal(3, new Examined(certificate, NoOthers).Count(PacketTag.Signature));
        Assert.Equal(2 + 1 + 200, new Examined(certificate).Count(PacketTag.Signature));
    }

    [Fact]
    public void A_variant_of_an_attested_certification_without_issuer_does_not_take_its_place()
    {
        SignedCertificate certificate = Start();
        byte[] certification = SignatureVariant.WithUnhashed(
            Start().ThirdParty(Friend, static spec => spec.WithoutIssuer()).LastSignature, Subpacket.Issuer(Friend));
        byte[] stripped = SignatureVariant.WithUnhashed(certification);
        certificate.Add(PacketTag.Signature, stripped).Add(PacketTag.Signature, certification).Attest([certification]);
        var examined = new Examined(certificate, NoOthers);

        Assert.Equal(PacketFate.Kept, examined.FateOf(certification));
        Assert.Equal(PacketFate.EnoughThirdPartySignatures, examined.FateOf(stripped));
    }

    [Fact]
    public void What_is_weak_local_or_large_is_not_shown_even_if_attested()
    {
        SignedCertificate certificate = Start();
        byte[] weak = certificate.ThirdParty(new SigningKey(7, KeyKind.Rsa), static spec => spec.HashedWith(SignatureHash.Sha1)).LastSignature;
        byte[] local = certificate.ThirdParty(Friend, static spec => spec.Local()).LastSignature;
        byte[] large = certificate.ThirdParty(Friend, static spec => spec.Noting("n@example.org", new string('x', 2048))).LastSignature;
        var examined = new Examined(certificate.Attest());

        Assert.Equal(PacketFate.WeakHash, examined.FateOf(weak));
        Assert.Equal(PacketFate.NotExportable, examined.FateOf(local));
        Assert.Equal(PacketFate.SignatureTooLarge, examined.FateOf(large));
    }

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();
}
