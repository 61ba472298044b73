using Sks.TestSupport.Signing;
using static Sks.TestSupport.Signing.SignedCertificate;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Which subkeys a certificate can show: nobody's signing subkey becomes another's without a word from it.</summary>
public sealed class SubkeyRuleTests
{
    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Victim = new(2);

    [Theory]
    [InlineData(BackSignature.Hashed)]
    [InlineData(BackSignature.Unhashed)]
    public void A_signing_subkey_that_accepts_its_primary_key_is_shown(BackSignature place)
    {
        SignedCertificate certificate = Start().Subkey(Victim).Bind(KeyUse.Sign, place: place);

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(Victim.Body));
    }

    [Fact]
    public void A_stolen_signing_subkey_without_back_signature_is_not_shown()
    {
        SignedCertificate certificate = Start().Subkey(Victim).Bind(KeyUse.Sign, place: BackSignature.None);
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.NoBackSignature, examined.FateOf(certificate.LastSignature));
        Assert.Equal(PacketFate.Unproven, examined.FateOf(Victim.Body));
        Assert.Equal(1, examined.Count(PacketTag.UserId));
    }

    [Fact]
    public void A_stolen_signing_subkey_with_a_back_signature_by_the_thief_is_not_shown()
    {
        SignedCertificate certificate = Start().Subkey(Victim).Bind(KeyUse.Sign, backSigner: Owner);

        Assert.Equal(PacketFate.NoBackSignature, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_stolen_signing_subkey_with_the_back_signature_it_made_for_its_owner_is_not_shown()
    {
        SignedCertificate victims = new SignedCertificate(new SigningKey(3)).UserId("Victim").Certify().Subkey(Victim);
        byte[] stolen = new SignatureSpec(SignatureType.PrimaryKeyBinding).Sign(Victim, victims.Current);
        SignedCertificate certificate = Start().Subkey(Victim)
            .Bind(KeyUse.Sign, binding => binding.With(Subpacket.EmbeddedSignature(stolen)), BackSignature.None);

        Assert.Equal(PacketFate.NoBackSignature, new Examined(certificate).FateOf(certificate.LastSignature));
        Assert.True(new Examined(victims.Bind(KeyUse.Sign)).Shows(Victim.Body));
    }

    [Theory]
    [InlineData(KeyKind.EdDsaLegacy)]
    [InlineData(KeyKind.Ed25519)]
    [InlineData(KeyKind.Rsa)]
    [InlineData(KeyKind.Dsa)]
    [InlineData(KeyKind.EcdsaP256)]
    public void Without_key_flags_the_algorithm_says_that_a_stolen_subkey_can_sign(KeyKind kind)
    {
        var victim = new SigningKey(2, kind);

        Assert.False(new Examined(Start().Subkey(victim).Bind(use: null, place: BackSignature.None)).Shows(victim.Body));
        Assert.True(new Examined(Start().Subkey(victim).Bind(use: null)).Shows(victim.Body));
    }

    [Fact]
    public void Without_key_flags_an_encryption_subkey_needs_no_back_signature()
    {
        var subkey = new SigningKey(2, KeyKind.Curve25519);

        Assert.True(new Examined(Start().Subkey(subkey).Bind(use: null)).Shows(subkey.Body));
    }

    // Harmless to its owner: nobody takes a signature by it for the thief's, and searches prefer the certificate whose primary key it is.
    [Fact]
    public void Anothers_primary_key_adopted_for_encryption_is_shown()
    {
        SignedCertificate certificate = Start().Subkey(Victim).Bind(KeyUse.Encrypt);

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(Victim.Body));
    }

    // As harmless: it says that the key must not be used.
    [Fact]
    public void Anothers_signing_key_is_shown_when_only_its_revocation_is_claimed()
    {
        SignedCertificate certificate = Start().Subkey(Victim).Bind(KeyUse.Sign, place: BackSignature.None);
        byte[] binding = certificate.LastSignature;
        var examined = new Examined(certificate.Revoke(0));

        Assert.Equal(PacketFate.Kept, examined.FateOf(certificate.LastSignature));
        Assert.Equal(PacketFate.NoBackSignature, examined.FateOf(binding));
    }

    [Fact]
    public void The_last_of_several_key_flags_counts()
    {
        SignedCertificate certificate = Start().Subkey(Victim)
            .Bind(KeyUse.Encrypt, binding => binding.With(Subpacket.KeyFlags(KeyUse.Sign)));

        Assert.Equal(PacketFate.NoBackSignature, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_binding_by_another_key_is_not_shown()
    {
        SignedCertificate certificate = Start().Subkey(new SigningKey(2, KeyKind.Curve25519))
            .Sign(new SignatureSpec(SignatureType.SubkeyBinding).For(KeyUse.Encrypt), new SigningKey(9));

        Assert.Equal(PacketFate.NotByOwner, new Examined(certificate).FateOf(certificate.LastSignature));
        Assert.Equal(0, new Examined(certificate).Count(PacketTag.PublicSubkey));
    }

    [Fact]
    public void A_binding_of_another_subkey_is_not_shown()
    {
        byte[] copied = Start().Subkey(new SigningKey(2, KeyKind.Curve25519)).Bind(KeyUse.Encrypt).LastSignature;
        var other = new SigningKey(3, KeyKind.Curve25519);
        SignedCertificate certificate = Start().Subkey(other).Add(PacketTag.Signature, copied);

        Assert.Equal(PacketFate.WrongHashTag, new Examined(certificate).FateOf(copied));
        Assert.Equal(PacketFate.Unproven, new Examined(certificate).FateOf(other.Body));
    }

    [Fact]
    public void A_subkey_of_an_unknown_algorithm_is_not_shown()
    {
        byte[] subkey = new SigningKey(2, KeyKind.Curve25519).Body;
        subkey[5] = 99;
        SignedCertificate certificate = Start().Component(PacketTag.PublicSubkey, subkey)
            .Sign(new SignatureSpec(SignatureType.SubkeyBinding).For(KeyUse.Encrypt));

        Assert.Equal(PacketFate.UnknownAlgorithm, new Examined(certificate).FateOf(subkey));
    }

    [Fact]
    public void A_subkey_of_another_version_than_the_primary_key_is_not_shown()
    {
        var subkey = new SigningKey(2, KeyKind.X25519, version: 4);
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1, version: 6)).UserId("Ada").Certify()
            .Subkey(subkey).Bind(KeyUse.Encrypt);

        Assert.Equal(PacketFate.UnknownAlgorithm, new Examined(certificate).FateOf(subkey.Body));
    }

    [Theory]
    [InlineData(35, PacketFate.Kept)]
    [InlineData(36, PacketFate.UnknownAlgorithm)]
    [InlineData(30, PacketFate.UnknownAlgorithm)]
    public void Of_the_post_quantum_algorithms_version_4_takes_only_the_smaller_one_for_encryption(byte algorithm, PacketFate expected)
    {
        byte[] subkey = new SigningKey(2, KeyKind.Curve25519).Body;
        subkey[5] = algorithm;
        SignedCertificate certificate = Start().Component(PacketTag.PublicSubkey, subkey)
            .Sign(new SignatureSpec(SignatureType.SubkeyBinding).For(KeyUse.Encrypt));

        Assert.Equal(expected, new Examined(certificate).FateOf(subkey));
    }

    [Fact]
    public void A_subkey_with_nothing_but_its_revocation_is_shown()
    {
        var subkey = new SigningKey(2, KeyKind.Curve25519);

        Assert.True(new Examined(Start().Subkey(subkey).Revoke(2)).Shows(subkey.Body));
    }

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();
}
