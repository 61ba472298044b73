using Sks.OpenPgp.Verification;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Until when signatures by weak hashes count, on both sides of each cut-off.</summary>
public sealed class HashRuleTests
{
    private const uint LastSelf = 1_675_209_599; // 2023-01-31 23:59:59
    private const uint LastThirdParty = 1_547_855_999; // 2019-01-18 23:59:59
    private const uint Long = 1_500_000_000;

    private static readonly SigningKey Owner = new(1, KeyKind.Rsa, creationTime: Long);
    private static readonly SigningKey Other = new(2, KeyKind.Rsa, creationTime: Long);

    [Theory]
    [InlineData(SignatureHash.Sha1, LastSelf, PacketFate.Kept)]
    [InlineData(SignatureHash.Sha1, LastSelf + 1, PacketFate.WeakHash)]
    [InlineData(SignatureHash.RipeMd160, LastSelf, PacketFate.Kept)]
    [InlineData(SignatureHash.RipeMd160, LastSelf + 1, PacketFate.WeakHash)]
    [InlineData(SignatureHash.Md5, Long, PacketFate.WeakHash)]
    [InlineData(SignatureHash.Sha224, LastSelf + 1, PacketFate.Kept)]
    public void Self_signatures(SignatureHash hash, uint time, PacketFate expected)
    {
        SignedCertificate certificate = Start().Certify(spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));

        certificate = Start().Direct(spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Theory]
    [InlineData(SignatureHash.Sha1, LastSelf, true)]
    [InlineData(SignatureHash.Sha1, LastSelf + 1, false)]
    [InlineData(SignatureHash.Md5, Long, false)]
    public void Back_signatures_as_self_signatures(SignatureHash hash, uint time, bool isShown)
    {
        var subkey = new SigningKey(3, KeyKind.Rsa, creationTime: Long);
        SignedCertificate certificate = Start().Subkey(subkey).Bind(KeyUse.Sign, changeBack: spec => spec.HashedWith(hash).At(time));

        Assert.Equal(isShown, new Examined(certificate).Shows(subkey.Body));
    }

    // A stolen key's owner may have nothing but an old revocation in a drawer, or old software. A revocation forged by a collision needs the
    // owner to sign the other half of it.
    [Theory]
    [InlineData(SignatureHash.Sha1, LastSelf, PacketFate.Kept)]
    [InlineData(SignatureHash.Sha1, LastSelf + 1, PacketFate.Kept)]
    [InlineData(SignatureHash.RipeMd160, LastSelf + 1, PacketFate.Kept)]
    [InlineData(SignatureHash.Md5, Long, PacketFate.WeakHash)]
    public void Revocations_by_the_key(SignatureHash hash, uint time, PacketFate expected)
    {
        SignedCertificate certificate = Start().Revoke(32, spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));

        certificate = Start().RevokeKey(0, spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));

        certificate = Start().Subkey(new SigningKey(3, KeyKind.Curve25519), KeyUse.Encrypt).Revoke(0, spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Theory]
    [InlineData(SignatureHash.Sha1, LastThirdParty, PacketFate.Kept)]
    [InlineData(SignatureHash.Sha1, LastThirdParty + 1, PacketFate.WeakHash)]
    [InlineData(SignatureHash.RipeMd160, LastThirdParty, PacketFate.Kept)]
    [InlineData(SignatureHash.RipeMd160, LastThirdParty + 1, PacketFate.WeakHash)]
    [InlineData(SignatureHash.Md5, Long, PacketFate.WeakHash)]
    [InlineData(SignatureHash.Sha224, LastThirdParty + 1, PacketFate.Kept)]
    public void Third_party_signatures(SignatureHash hash, uint time, PacketFate expected)
    {
        SignedCertificate certificate = Start().ThirdParty(Other, spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));

        certificate = Start().RevokeBy(Other, 0, spec => spec.HashedWith(hash).At(time));
        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Version_2_and_3_keys_live_on_MD5(int version)
    {
        SignedCertificate certificate = SignedCertificate.Ordinary(1, version);
        var examined = new Examined(certificate.ThirdParty(Other, static spec => spec.HashedWith(SignatureHash.Md5)));

        Assert.Equal(2, examined.Count(PacketTag.UserId));
        Assert.Equal(PacketFate.Kept, examined.FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_signature_by_an_unknown_hash_cannot_be_used()
    {
        byte[] signature = Start().LastSignature;
        signature[3] = 99;
        SignedCertificate certificate = Start().Add(PacketTag.Signature, signature);

        Assert.Equal(PacketFate.Unusable, new Examined(certificate).FateOf(signature));
    }

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();
}
