using System.Security.Cryptography;
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

    // Only the revoker's certificate tells a real revocation from sixteen forged ones that were made until their hashes were small enough.
    [Fact]
    public void A_real_designated_revocation_can_be_displaced_by_forged_ones()
    {
        SignedCertificate certificate = Start();
        byte[] real = certificate.RevokeKeyBy(Revoker, 2).LastSignature;
        byte[] forged = certificate.RevokeKeyBy(Stranger, 2, static spec => spec.ClaimingIssuer(Revoker)).LastSignature;
        IEnumerable<byte[]> smaller = Enumerable.Range(0, 100_000)
            .Select(i => SignatureVariant.WithUnhashed(forged, new Subpacket(100, BitConverter.GetBytes(i))))
            .Where(signature => Hash(signature).AsSpan().SequenceCompareTo(Hash(real)) < 0)
            .Take(16);
        certificate = new SignedCertificate(Owner).Direct(Designate).Add(PacketTag.Signature, real);
        foreach (byte[] signature in smaller)
            certificate.Add(PacketTag.Signature, signature);

        Assert.Equal(PacketFate.EnoughDesignatedRevocations, new Examined(certificate).FateOf(real));

        static byte[] Hash(byte[] signature) => SHA256.HashData([.. Owner.Fingerprint.Span, .. signature]);
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

    [Fact]
    public void At_most_sixteen_revocations_are_displayed()
    {
        SignedCertificate certificate = Start();
        for (uint i = 0; i < 20; i++)
            certificate.RevokeKeyBy(Revoker, 0, spec => spec.At(Time + i));

        Assert.Equal(16, ReadStatus(certificate).DesignatedRevocations.Count);
    }

    [Theory]
    [InlineData(63, 1)]
    [InlineData(64, 0)]
    public void At_most_sixty_four_revokers_are_displayed(int others, int displayed)
    {
        SignedCertificate certificate = new SignedCertificate(Owner)
            .Direct(spec => Designate(Enumerable.Range(0, others).Aggregate(spec, static (all, i) => all.With(Designation(i)))))
            .UserId("Ada").Certify().RevokeKeyBy(Revoker, 0);

        Assert.Equal(displayed, ReadStatus(certificate).DesignatedRevocations.Count);

        static Subpacket Designation(int i) => new(12, [0x80, 22, .. TestPackets.Filled(20, i, "revoker")]);
    }

    [Theory]
    [InlineData(15, 1)]
    [InlineData(16, 0)]
    public void At_most_sixteen_issuers_of_a_revocation_are_looked_at(int others, int displayed)
    {
        byte[] revocation = Start().RevokeKeyBy(Revoker, 0, static spec => spec.WithoutIssuer()).LastSignature;
        Subpacket[] issuers = [.. Enumerable.Range(0, others).Select(static i => new Subpacket(16, TestPackets.Filled(8, i, "issuer")))];
        revocation = SignatureVariant.WithUnhashed(revocation, [.. issuers, new Subpacket(16, Revoker.Fingerprint.Span[^8..].ToArray())]);
        SignedCertificate certificate = new SignedCertificate(Owner).Direct(Designate).Add(PacketTag.Signature, revocation).UserId("Ada").Certify();

        Assert.Equal(displayed, ReadStatus(certificate).DesignatedRevocations.Count);
    }

    // Everything that is stored, not only what a clean view would keep.
    private static CertificateStatus ReadStatus(SignedCertificate certificate)
    {
        Certificate built = certificate.BuildCertificate();
        using CertificateExamination examination = Examined.Of([built]);
        examination.Advance(long.MaxValue);
        return CertificateStatus.Of(examination.Verdicts(built), DateTimeOffset.FromUnixTimeSeconds(Time + 1000));
    }

    private static SignatureSpec Designate(SignatureSpec spec) => spec.With(Subpacket.RevocationKey(Revoker));

    private static SignedCertificate Start() => new SignedCertificate(Owner).Direct(Designate).UserId("Ada").Certify();
}
