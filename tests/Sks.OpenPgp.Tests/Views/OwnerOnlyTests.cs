using Sks.OpenPgp.Verification;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>What only the owner of a certificate can say, nobody else says in the clean view.</summary>
public sealed class OwnerOnlyTests
{
    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Stranger = new(9);

    [Fact]
    public void A_user_ID_without_a_self_signature_is_not_shown_with_all_that_others_say_of_it()
    {
        SignedCertificate certificate = Start().UserId("Mallory").ThirdParty(Stranger);
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Unproven, examined.FateOf(TestPackets.UserId("Mallory")));
        Assert.Equal(PacketFate.ComponentLeftOut, examined.FateOf(certificate.LastSignature));
        Assert.Equal(PacketFate.Kept, examined.FateOf(TestPackets.UserId("Ada")));
    }

    [Fact]
    public void A_self_signature_copied_from_another_user_ID_proves_nothing()
    {
        byte[] copied = Start().LastSignature;
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Mallory").Add(PacketTag.Signature, copied).RevokeKey();

        Assert.Equal(PacketFate.WrongHashTag, new Examined(certificate).FateOf(copied));
        Assert.Equal(PacketFate.Unproven, new Examined(certificate).FateOf(TestPackets.UserId("Mallory")));
    }

    [Fact]
    public void A_self_signature_copied_from_another_certificate_proves_nothing()
    {
        byte[] copied = new SignedCertificate(Stranger).UserId("Mallory").Certify().LastSignature;
        SignedCertificate certificate = Start().UserId("Mallory").Add(PacketTag.Signature, copied);

        Assert.Equal(PacketFate.WrongHashTag, new Examined(certificate).FateOf(copied));
        Assert.Equal(PacketFate.Unproven, new Examined(certificate).FateOf(TestPackets.UserId("Mallory")));
    }

    [Fact]
    public void A_certificate_in_which_the_key_says_nothing_has_no_clean_view()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).ThirdParty(Stranger).UserId("Ada").ThirdParty(Stranger);
        var examined = new Examined(certificate);

        Assert.Null(examined.View.Certificate);
        Assert.Null(examined.View.Digest);
        Assert.Equal(PacketFate.Unproven, examined.FateOf(Owner.Body));
    }

    [Fact]
    public void A_certificate_of_a_key_that_cannot_sign_has_no_clean_view()
    {
        byte[] key = new SigningKey(1, KeyKind.Curve25519).Body;
        byte[] signature = Start().LastSignature;
        byte[] bytes =
        [
            .. TestPackets.Frame(PacketTag.PublicKey, key), .. TestPackets.Frame(PacketTag.UserId, TestPackets.UserId("Ada")),
            .. TestPackets.Frame(PacketTag.Signature, signature),
        ];

        Assert.Null(Examined.Select(CleanViewPolicy.Current, Keyrings.ReadOne(bytes)).Certificate);
    }

    [Fact]
    public void A_key_revocation_is_enough_for_a_clean_view()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).RevokeKey(2);
        var examined = new Examined(certificate);

        Assert.Equal(2, examined.View.Certificate!.PacketCount);
        Assert.Equal(PacketFate.Kept, examined.FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_user_ID_with_nothing_but_its_revocation_is_shown()
    {
        SignedCertificate certificate = Start().UserId("Gone").Revoke(32);

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(TestPackets.UserId("Gone")));
    }

    [Theory]
    [InlineData(SignatureForm.Corrupted)]
    [InlineData(SignatureForm.Zero)]
    public void A_forged_key_revocation_in_the_name_of_the_key_is_not_shown(SignatureForm form)
    {
        SignedCertificate certificate = Start().RevokeKey(0, revocation => revocation.Written(form));

        Assert.Equal(PacketFate.NotByOwner, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_key_revocation_by_another_key_in_the_name_of_this_one_is_not_shown()
    {
        SignedCertificate certificate = Start().RevokeKeyBy(Stranger, 0, revocation => revocation.ClaimingIssuer(Owner));

        Assert.Equal(PacketVerdict.Refuted, new Examined(certificate).VerdictOf(certificate.LastSignature));
        Assert.Equal(PacketFate.NotByOwner, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_forged_subkey_revocation_is_not_shown()
    {
        SignedCertificate certificate = Start().Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt)
            .RevokeBy(Stranger, 0, revocation => revocation.ClaimingIssuer(Owner));

        Assert.Equal(PacketFate.NotByOwner, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    // Anybody may revoke a certification of his own. One in the owner's name that the owner did not make counts as a stranger's: it is shown
    // among two hundred of those, its verdict says that it is nothing, and who believes it has not verified it.
    [Fact]
    public void A_forged_user_ID_revocation_counts_as_a_strangers_and_is_known_as_refuted()
    {
        SignedCertificate certificate = Start().RevokeBy(Stranger, 0, revocation => revocation.ClaimingIssuer(Owner));

        Assert.Equal(PacketVerdict.Refuted, new Examined(certificate).VerdictOf(certificate.LastSignature));
        Assert.False(new Examined(certificate, CleanViewPolicy.Current with { MaxThirdPartySignatures = 0 }).Shows(certificate.LastSignature));
    }

    [Fact]
    public void A_claimed_self_signature_that_is_none_counts_as_third_party_and_proves_nothing()
    {
        SignedCertificate certificate = Start().UserId("Mallory").Certify(static spec => spec.Written(SignatureForm.Corrupted));
        Assert.Equal(PacketFate.Unproven, new Examined(certificate).FateOf(TestPackets.UserId("Mallory")));

        certificate = Start().Certify(static spec => spec.Written(SignatureForm.Corrupted));
        Assert.False(new Examined(certificate, CleanViewPolicy.Current with { MaxThirdPartySignatures = 0 }).Shows(certificate.LastSignature));
        Assert.True(new Examined(certificate, CleanViewPolicy.Current with { MaxSelfSignatures = 1 }).Shows(certificate.LastSignature));
    }

    [Fact]
    public void A_signature_of_the_key_that_names_nobody_counts()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada").Certify(static spec => spec.WithoutIssuer());

        Assert.Equal(PacketVerdict.Proven, new Examined(certificate).VerdictOf(certificate.LastSignature));
    }

    [Fact]
    public void A_signature_that_does_not_say_when_it_was_made_does_not_count()
    {
        SignedCertificate certificate = Start().UserId("Other").Certify(static spec => spec.WithoutCreationTime());

        Assert.Equal(PacketFate.Unusable, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void An_unknown_critical_subpacket_voids_a_self_signature_and_an_uncritical_one_does_not()
    {
        SignedCertificate critical = Start().UserId("Other").Certify(static spec => spec.With(new Subpacket(99, [1]).Critical()));
        SignedCertificate uncritical = Start().UserId("Other").Certify(static spec => spec.With(new Subpacket(99, [1])));

        Assert.Equal(PacketFate.Unusable, new Examined(critical).FateOf(critical.LastSignature));
        Assert.Equal(PacketFate.Kept, new Examined(uncritical).FateOf(uncritical.LastSignature));
    }

    [Fact]
    public void A_critical_notation_does_not_void_a_self_signature()
    {
        SignedCertificate certificate = Start().Certify(static spec => spec.With(Subpacket.Notation("a@b.example", [1]).Critical()));

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_wrong_hash_tag_voids_a_signature_that_is_right_otherwise()
    {
        SignedCertificate certificate = Start().UserId("Other").Certify(static spec => spec.WithWrongHashTag());

        Assert.Equal(PacketFate.WrongHashTag, new Examined(certificate).FateOf(certificate.LastSignature));
        Assert.Equal(1, new Examined(certificate).Count(PacketTag.UserId));
    }

    [Theory]
    [InlineData(SignatureType.SubkeyBinding)]
    [InlineData((SignatureType)0x00)]
    [InlineData((SignatureType)0x40)]
    [InlineData((SignatureType)0x50)]
    public void A_signature_of_a_type_that_has_no_place_on_a_user_ID_is_not_shown(SignatureType type)
    {
        SignedCertificate certificate = Start().Sign(new SignatureSpec(type));

        Assert.Equal(PacketFate.Unusable, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_key_revocation_that_stands_under_a_user_ID_is_about_the_key_even_if_the_user_ID_is_not_shown()
    {
        SignedCertificate certificate = Start().UserId("Mallory").Sign(new SignatureSpec(SignatureType.KeyRevocation));
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Kept, examined.FateOf(certificate.LastSignature));
        Assert.Equal(certificate.LastSignature, Assert.Single(examined.View.Certificate!.DirectSignatures).Body.ToArray());
    }

    [Fact]
    public void A_key_revocation_that_stands_in_two_places_is_shown_once()
    {
        byte[] revocation = new SignedCertificate(Owner).RevokeKey().LastSignature;
        SignedCertificate certificate = new SignedCertificate(Owner).Add(PacketTag.Signature, revocation)
            .UserId("Ada").Certify().Add(PacketTag.Signature, revocation)
            .Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt).Add(PacketTag.Signature, revocation);
        var examined = new Examined(certificate);

        Assert.Equal(revocation, Assert.Single(examined.View.Certificate!.DirectSignatures).Body.ToArray());
        Assert.Equal(3, examined.Count(PacketTag.Signature));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_signature_that_must_not_be_passed_on_is_not_shown(bool isOwn)
    {
        SignedCertificate certificate = isOwn
            ? Start().Certify(static spec => spec.Local())
            : Start().ThirdParty(Stranger, static spec => spec.Local());

        Assert.Equal(PacketFate.NotExportable, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_user_ID_with_only_a_local_self_signature_is_not_shown()
    {
        SignedCertificate certificate = Start().UserId("Private").Certify(static spec => spec.Local());

        Assert.Equal(PacketFate.Unproven, new Examined(certificate).FateOf(TestPackets.UserId("Private")));
    }

    [Fact]
    public void Nobody_makes_a_signature_local_by_its_unhashed_area()
    {
        SignedCertificate certificate = Start().Certify(static spec => spec.WithUnhashed(Subpacket.Exportable(false)));

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_version_3_self_signature_on_a_version_4_key_counts()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada")
            .Sign(new SignatureSpec(SignatureType.PositiveCertification).AsVersion(3));

        Assert.Equal(PacketVerdict.Proven, new Examined(certificate).VerdictOf(certificate.LastSignature));
    }

    [Theory]
    [InlineData(4, 6, PacketVerdict.Unusable)]
    [InlineData(6, 4, PacketVerdict.ByOther)]
    public void A_key_proves_nothing_by_signatures_of_the_other_generation(int key, int signature, PacketVerdict expected)
    {
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1, version: key, kind: KeyKind.Ed25519)).UserId("Ada")
            .Sign(new SignatureSpec(SignatureType.PositiveCertification).AsVersion(signature).HashedWith(SignatureHash.Sha512));

        Assert.Equal(expected, new Examined(certificate).VerdictOf(certificate.LastSignature));
        Assert.Null(new Examined(certificate).View.Certificate);
    }

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();
}
