using Sks.OpenPgp.Verification;
using Sks.TestSupport.Signing;
using static Sks.TestSupport.Signing.SignedCertificate;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Of several packets in which the owner says the same, the view has one: the one that readers can use, whatever else arrives.</summary>
public sealed class VariantTests
{
    private const uint Time = 1_600_000_000;

    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Stranger = new(9);

    [Fact]
    public void A_binding_stripped_of_its_back_signature_gives_way_to_the_full_one_in_any_order()
    {
        var subkey = new SigningKey(2);
        byte[] full = Start().Subkey(subkey).Bind(KeyUse.Sign, place: BackSignature.Unhashed).LastSignature;
        byte[] stripped = SignatureVariant.WithUnhashed(full, Subpacket.Issuer(Owner));
        Certificate whole = With(full);
        Certificate cut = With(stripped);

        Assert.False(new Examined(CleanViewPolicy.Current, cut).Shows(subkey.Body));
        foreach (Certificate[] versions in (Certificate[][])[[whole, cut], [cut, whole], [CertificateMerger.Merge(cut, whole)]])
        {
            var examined = new Examined(CleanViewPolicy.Current, versions);
            Assert.Equal(PacketFate.Kept, examined.FateOf(full));
            Assert.Equal(PacketFate.NoBackSignature, examined.FateOf(stripped));
        }

        Certificate With(byte[] binding) => Start().Subkey(subkey).Add(PacketTag.Signature, binding).BuildCertificate();
    }

    [Fact]
    public void Of_sound_variants_the_smallest_is_kept()
    {
        byte[] plain = Start().LastSignature;
        byte[] padded = SignatureVariant.WithUnhashed(plain, Subpacket.Issuer(Owner), new Subpacket(100, new byte[30]));

        AssertWins(plain, padded, plain);
    }

    [Theory]
    [InlineData(KeyKind.Rsa, SignatureForm.WrongBitCount)]
    [InlineData(KeyKind.Rsa, SignatureForm.LeadingZeroByte)]
    [InlineData(KeyKind.Rsa, SignatureForm.TrailingByte)]
    [InlineData(KeyKind.EcdsaP256, SignatureForm.WrongBitCount)]
    [InlineData(KeyKind.EcdsaP256, SignatureForm.LeadingZeroByte)]
    [InlineData(KeyKind.Dsa, SignatureForm.LeadingZeroByte)]
    public void A_variant_with_badly_written_numbers_loses_and_counts_alone(KeyKind kind, SignatureForm form)
    {
        var key = new SigningKey(1, kind);
        SignedCertificate certificate = new SignedCertificate(key).UserId("Ada").Certify(static spec => spec.At(Time));
        byte[] good = certificate.LastSignature;
        byte[] bad = certificate.Certify(spec => spec.At(Time).Written(form)).LastSignature;
        var examined = new Examined(certificate);
        Assert.Equal(PacketFate.Kept, examined.FateOf(good));
        Assert.Equal(PacketFate.OtherVariantKept, examined.FateOf(bad));

        SignedCertificate alone = new SignedCertificate(key).UserId("Ada").Add(PacketTag.Signature, bad);
        Assert.Equal(PacketVerdict.Proven | PacketVerdict.NotCanonical, new Examined(alone).VerdictOf(bad));
        Assert.True(new Examined(alone).Shows(bad));
    }

    [Fact]
    public void Of_the_two_values_that_an_ECDSA_signature_can_have_the_smaller_is_kept()
    {
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1, KeyKind.EcdsaP256))
            .UserId("Ada").Certify(static spec => spec.At(Time));
        byte[] made = certificate.LastSignature;
        byte[] negated = certificate.Certify(static spec => spec.At(Time).Written(SignatureForm.NegatedS)).LastSignature;
        var examined = new Examined(certificate);

        byte[] smaller = PacketComparison.ForOutput(Packet(made), Packet(negated)) < 0 ? made : negated;
        Assert.Equal(2, examined.Count(PacketTag.Signature) + examined.Count(PacketTag.UserId));
        Assert.Equal(PacketFate.Kept, examined.FateOf(smaller));
    }

    [Fact]
    public void A_variant_with_numbers_out_of_range_is_no_signature()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada").Certify(static spec => spec.At(Time));
        byte[] good = certificate.LastSignature;
        byte[] bad = certificate.Certify(static spec => spec.At(Time).Written(SignatureForm.AboveOrder)).LastSignature;

        Assert.Equal(PacketVerdict.Refuted, new Examined(certificate).VerdictOf(bad));
        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(good));
    }

    [Fact]
    public void A_variant_with_more_than_4096_unhashed_bytes_loses_and_counts_alone()
    {
        byte[] plain = SignatureVariant.WithUnhashed(Start().LastSignature, Subpacket.Issuer(Owner), new Subpacket(100, new byte[2000]));
        byte[] stuffed = SignatureVariant.WithUnhashed(plain, Subpacket.Issuer(Owner), new Subpacket(100, new byte[4090]));

        AssertWins(plain, stuffed, plain);
        Assert.Equal(PacketFate.Kept, new Examined(With(stuffed)).FateOf(stuffed));
    }

    [Fact]
    public void An_unhashed_area_may_have_4096_bytes()
    {
        // 10 bytes of issuer; 4086 of something, its two bytes of length and its type included
        byte[] full = SignatureVariant.WithUnhashed(Start().LastSignature, Subpacket.Issuer(Owner), new Subpacket(100, new byte[4083]));
        byte[] nameless = SignatureVariant.WithUnhashed(full, new Subpacket(100, new byte[4094]));

        AssertWins(full, nameless, full);
    }

    [Fact]
    public void A_variant_that_names_another_issuer_loses()
    {
        byte[] plain = Nameless(Subpacket.Issuer(Owner), new Subpacket(100, new byte[20]));
        byte[] both = SignatureVariant.WithUnhashed(plain, Subpacket.Issuer(Owner), Subpacket.Issuer(Stranger));

        AssertWins(plain, both, plain);
    }

    // Clients that go by the issuer would not find any self-signature.
    [Fact]
    public void A_variant_stripped_of_its_issuer_loses_and_counts_alone()
    {
        byte[] plain = Nameless(Subpacket.Issuer(Owner));
        byte[] stripped = SignatureVariant.WithUnhashed(plain);

        AssertWins(plain, stripped, plain);
        Assert.Equal(PacketFate.Kept, new Examined(With(stripped)).FateOf(stripped));
    }

    [Fact]
    public void A_variant_with_a_wrong_fingerprint_that_ends_in_the_right_key_ID_loses()
    {
        byte[] plain = Nameless(Subpacket.IssuerFingerprint(Owner), Subpacket.Issuer(Owner));
        Subpacket zeroed = Subpacket.IssuerFingerprint(Owner);
        zeroed.Body.AsSpan(1, 12).Clear();

        AssertWins(plain, SignatureVariant.WithUnhashed(plain, zeroed), plain);
    }

    [Fact]
    public void A_variant_with_a_fingerprint_of_a_wrong_version_loses()
    {
        byte[] plain = Nameless(Subpacket.IssuerFingerprint(Owner), Subpacket.Issuer(Owner));
        Subpacket other = Subpacket.IssuerFingerprint(Owner);
        other.Body[0] = 0;

        AssertWins(plain, SignatureVariant.WithUnhashed(plain, other), plain);
    }

    // Readers reject a signature for a critical subpacket that they do not know, wherever it stands.
    [Fact]
    public void A_variant_with_a_critical_subpacket_in_its_unhashed_area_loses()
    {
        byte[] plain = Start().LastSignature;

        AssertWins(plain, SignatureVariant.WithUnhashed(plain, new Subpacket(100, [1]).Critical()), plain);
    }

    // Readers take the newest embedded signature for the back-signature, good or not.
    [Fact]
    public void A_variant_with_an_embedded_signature_too_many_loses()
    {
        var subkey = new SigningKey(2);
        SignedCertificate certificate = Start().Subkey(subkey);
        byte[] back = new SignatureSpec(SignatureType.PrimaryKeyBinding).At(Time).WithUnhashed(new Subpacket(100, new byte[200]))
            .Sign(subkey, certificate.Current);
        byte[] full = certificate.Bind(KeyUse.Sign, binding => binding.WithUnhashed(Subpacket.EmbeddedSignature(back)), BackSignature.None)
            .LastSignature;
        byte[] junk = new SignatureSpec(SignatureType.PrimaryKeyBinding).At(Time + 1).Written(SignatureForm.Corrupted).Sign(subkey, certificate.Current);
        byte[] smaller = SignatureVariant.WithUnhashed(
            full,
            Subpacket.Issuer(Owner),
            Subpacket.EmbeddedSignature(SignatureVariant.WithUnhashed(back)),
            Subpacket.EmbeddedSignature(junk));
        Assert.True(smaller.Length < full.Length);
        certificate.Add(PacketTag.Signature, smaller);
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Kept, examined.FateOf(full));
        Assert.Equal(PacketFate.OtherVariantKept, examined.FateOf(smaller));
    }

    [Fact]
    public void A_variant_whose_back_signature_has_a_critical_subpacket_in_its_unhashed_area_loses()
    {
        (byte[] full, byte[] other) = BackSigned(static back => SignatureVariant.WithUnhashed(back, new Subpacket(100, [1]).Critical()));

        Assert.True(other.Length < full.Length);
    }

    [Fact]
    public void A_variant_whose_back_signature_has_badly_written_numbers_loses()
    {
        (byte[] full, byte[] other) = BackSigned(static back => [.. SignatureVariant.WithUnhashed(back), 0]);

        Assert.True(other.Length < full.Length);
    }

    [Fact]
    public void Two_signatures_that_say_different_things_are_no_variants()
    {
        SignedCertificate certificate = Start().Certify(static spec => spec.At(Time)).Certify(static spec => spec.At(Time).Noting("a@b.example", "1"));

        Assert.Equal(3, new Examined(certificate).Count(PacketTag.Signature));
    }

    [Fact]
    public void Version_3_signatures_by_different_hashes_are_no_variants()
    {
        SignatureSpec spec = new SignatureSpec(SignatureType.PositiveCertification).AsVersion(3).At(Time);
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1, KeyKind.Rsa)).UserId("Ada")
            .Sign(spec.HashedWith(SignatureHash.Sha256)).Sign(spec.HashedWith(SignatureHash.Sha512));

        Assert.Equal(2, new Examined(certificate).Count(PacketTag.Signature));
    }

    // Makes a binding with a back-signature, and one with another back-signature; the first must win.
    private static (byte[] Full, byte[] Other) BackSigned(Func<byte[], byte[]> change)
    {
        var subkey = new SigningKey(2);
        SignedCertificate certificate = Start().Subkey(subkey);
        byte[] back = new SignatureSpec(SignatureType.PrimaryKeyBinding).At(Time).Sign(subkey, certificate.Current);
        byte[] full = certificate.Bind(KeyUse.Sign, binding => binding.WithUnhashed(Subpacket.EmbeddedSignature(back)), BackSignature.None)
            .LastSignature;
        byte[] other = SignatureVariant.WithUnhashed(full, Subpacket.Issuer(Owner), Subpacket.EmbeddedSignature(change(back)));
        certificate.Add(PacketTag.Signature, other);
        var examined = new Examined(certificate);
        Assert.Equal(PacketFate.Kept, examined.FateOf(full));
        Assert.Equal(PacketFate.OtherVariantKept, examined.FateOf(other));
        Assert.True(new Examined(Start().Subkey(subkey).Add(PacketTag.Signature, other)).Shows(other));
        return (full, other);
    }

    private static void AssertWins(byte[] winner, byte[] first, byte[] second)
    {
        var examined = new Examined(With(first, second));
        Assert.Equal(PacketFate.Kept, examined.FateOf(winner));
        Assert.Equal(PacketFate.OtherVariantKept, examined.FateOf(first.AsSpan().SequenceEqual(winner) ? second : first));
        Assert.Equal(1, examined.Count(PacketTag.Signature));
    }

    // Nothing in the hashed area says who made it, as with all software before 2017.
    private static byte[] Nameless(params Subpacket[] unhashed) => SignatureVariant.WithUnhashed(
        new SignedCertificate(Owner).UserId("Ada").Certify(static spec => spec.WithoutIssuer()).LastSignature, unhashed);

    private static SignedCertificate With(params byte[][] signatures) => signatures.Aggregate(
        new SignedCertificate(Owner).UserId("Ada"), static (certificate, signature) => certificate.Add(PacketTag.Signature, signature));

    private static Packet Packet(byte[] signature) => new(PacketTag.Signature, signature);

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();
}
