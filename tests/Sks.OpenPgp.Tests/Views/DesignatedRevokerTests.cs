using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Revocations by keys that the owner has designated are kept; nobody else's are.</summary>
public sealed class DesignatedRevokerTests
{
    private const uint Time = 1_600_000_000;

    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Revoker = new(8);
    private static readonly SigningKey Stranger = new(9);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_revoker_is_designated_by_the_key_or_by_a_user_ID(bool byKey)
    {
        SignedCertificate certificate = byKey
            ? new SignedCertificate(Owner).Direct(Designate).UserId("Ada").Certify()
            : new SignedCertificate(Owner).UserId("Ada").Certify(Designate);
        byte[] designated = certificate.RevokeKeyBy(Revoker, 2).LastSignature;
        byte[] strangers = certificate.RevokeKeyBy(Stranger, 2).LastSignature;
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Kept, examined.FateOf(designated));
        Assert.Equal(PacketFate.RevokerNotDesignated, examined.FateOf(strangers));
    }

    [Fact]
    public void A_designated_revoker_may_revoke_a_subkey()
    {
        SignedCertificate certificate = Start().Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt).RevokeBy(Revoker, 2);

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_revocation_by_another_alone_proves_no_subkey()
    {
        var subkey = new SigningKey(2, KeyKind.Curve25519);

        Assert.Equal(PacketFate.Unproven, new Examined(Start().Subkey(subkey).RevokeBy(Revoker, 2)).FateOf(subkey.Body));
    }

    [Fact]
    public void Without_a_designated_revoker_no_revocation_by_another_is_shown()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada").Certify().RevokeKeyBy(Stranger, 0);

        Assert.Equal(PacketFate.RevokerNotDesignated, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    // Who the revoker really is only its certificate can say; that decides what is displayed, not what is kept.
    [Fact]
    public void A_revocation_that_only_claims_to_be_by_the_designated_revoker_is_kept()
    {
        SignedCertificate certificate = Start().RevokeKeyBy(Stranger, 0, static spec => spec.ClaimingIssuer(Revoker));

        Assert.Equal(PacketVerdict.ByOther, new Examined(certificate).VerdictOf(certificate.LastSignature));
        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void At_most_sixteen_are_kept_and_they_take_no_place_of_the_owners()
    {
        SignedCertificate certificate = Start();
        for (uint i = 0; i < 40; i++)
            certificate.RevokeKeyBy(Stranger, 0, spec => spec.ClaimingIssuer(Revoker).At(Time + i));
        byte[] own = certificate.RevokeKey(2).LastSignature;
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Kept, examined.FateOf(own));
        Assert.Equal(16 + 1 + 1, examined.View.Certificate!.DirectSignatures.Count);
    }

    [Fact]
    public void A_revoker_named_by_a_stranger_is_not_designated()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada").Certify().ThirdParty(Stranger, static spec => Designate(spec))
            .RevokeKeyBy(Revoker, 0);

        Assert.Equal(PacketFate.RevokerNotDesignated, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_revoker_named_in_an_unhashed_area_is_not_designated()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada")
            .Certify(static spec => spec.WithUnhashed(Subpacket.RevocationKey(Revoker))).RevokeKeyBy(Revoker, 0);

        Assert.Equal(PacketFate.RevokerNotDesignated, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_revoker_named_on_a_component_that_is_not_shown_is_not_designated()
    {
        SignedCertificate certificate = new SignedCertificate(Owner)
            .UserId("Old").Certify(static spec => Designate(spec).At(Time))
            .UserId("New").Certify(static spec => spec.At(Time + 1))
            .RevokeKeyBy(Revoker, 0);

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(certificate.LastSignature));
        Assert.Equal(
            PacketFate.RevokerNotDesignated,
            new Examined(certificate, CleanViewPolicy.Current with { MaxUserIds = 1 }).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_sensitive_designation_is_not_published()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada").Certify()
            .Certify(static spec => spec.With(Subpacket.RevocationKey(Revoker, isSensitive: true)));
        byte[] sensitive = certificate.LastSignature;
        certificate.RevokeKeyBy(Revoker, 0);
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.SensitiveRevoker, examined.FateOf(sensitive));
        Assert.Equal(PacketFate.RevokerNotDesignated, examined.FateOf(certificate.LastSignature));
    }

    // If each revocation were compared with each revoker, this would take minutes.
    [Fact]
    public void Thousands_of_revokers_and_revocations_are_matched()
    {
        var certificate = new SignedCertificate(Owner);
        for (int i = 0; i < 16; i++)
        {
            int part = i;
            certificate.Direct(spec => Enumerable.Range(0, 2_500).Aggregate(
                spec.At(Time + (uint)part), (all, revoker) => all.With(Revocation(TestPackets.Filled(20, (part * 2_500) + revoker, "revoker")))));
        }

        byte[] template = certificate.RevokeKeyBy(Stranger, 0).LastSignature;
        for (int i = 0; i < 60_000; i++)
            certificate.Add(PacketTag.Signature, SignatureVariant.WithUnhashed(template, new Subpacket(100, BitConverter.GetBytes(i))));
        byte[] designated = certificate.RevokeKeyBy(Stranger, 0, static spec => spec.WithoutIssuer()).LastSignature;
        designated = SignatureVariant.WithUnhashed(designated, new Subpacket(16, TestPackets.Filled(20, 39_999, "revoker")[^8..]));
        certificate.Add(PacketTag.Signature, designated);
        CleanView view = Examined.Select(CleanViewPolicy.Current, certificate.BuildCertificate());

        Assert.Equal(designated, Assert.Single(view.Certificate!.DirectSignatures, static signature => signature.Span[1] == 0x20).Body.ToArray());

        static Subpacket Revocation(byte[] fingerprint) => new(12, [0x80, 22, .. fingerprint]);
    }

    private static SignatureSpec Designate(SignatureSpec spec) => spec.With(Subpacket.RevocationKey(Revoker));

    private static SignedCertificate Start() => new SignedCertificate(Owner).Direct(Designate).UserId("Ada").Certify();
}
