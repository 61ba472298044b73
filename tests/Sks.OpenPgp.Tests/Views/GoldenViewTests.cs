using Sks.OpenPgp.Verification;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>
/// Views of policy 1 that must never change: peers name them by these digests. Whoever changes what a digest covers makes a new policy
/// version instead of a new value here.
/// </summary>
public sealed class GoldenViewTests
{
    [Theory]
    [InlineData("ordinary 2", "B3034C52FD6A25F0B906F5EC8C3BB4F55FAC84453F393C702E458BB003AD876C")]
    [InlineData("ordinary 3", "7953F70D2EC95A0DE68BCD84CE23D69F1B14901ACB8E87E17DABAE70F7DA74C7")]
    [InlineData("ordinary 4", "86F730734164932AEAD2C0B46A706C758EB21B725F8B797B67D11B6BA5749C18")]
    [InlineData("ordinary 6", "53BA237711305EA669B7A90BE2019DAD884206EF75A72A5E7AF891D399DF22F8")]
    [InlineData("everything", "92366D696529D32BD305C5962839CA3F838B8EF6EF24909A3AA4CE3951514BAC")]
    [InlineData("small everything", "E8C95D6DBE370AA7307CAA41A5BF5748864CCC2462ECC17330AB4117AFFA09B7")]
    [InlineData("rfc9580", "E233DD47FCC86CC3FA0B6BF62303A55DAEFE0CF6399CF8E92F2527CE91EA7855")]
    public void The_digest_of_a_view_stays_what_it_is(string name, string digest) => Assert.Equal(digest, Make(name).Digest.ToString());

    [Fact]
    public void Nothing_but_the_policy_version_changes_with_it()
    {
        Certificate view = Make("everything").Certificate!;

        Assert.NotEqual(ContentDigest.Compute(1, view), ContentDigest.Compute(2, view));
        Assert.Equal(ContentDigest.Compute(1, view), ContentDigest.Read(ContentDigest.Compute(1, Keyrings.ReadOne(view.ToArray())).Span));
    }

    private static CleanView Make(string name) => name switch
    {
        "everything" => View(CleanViewPolicy.Current, Everything()),
        "small everything" => View(GenPackets.Small, GenPackets.All.ToArray()),
        "rfc9580" => View(CleanViewPolicy.Current, Armor.Read(TestData.Read("rfc9580", "v6-certificate.asc"))[0]!),
        _ => View(CleanViewPolicy.Current, SignedCertificate.Ordinary(7, name[^1] - '0').Build()),
    };

    // Something for every rule, and signatures whose bytes do not depend on the signing library.
    private static byte[] Everything()
    {
        var owner = new SigningKey(1, KeyKind.Rsa);
        var other = new SigningKey(2, KeyKind.Rsa);
        return new SignedCertificate(owner).Direct().RevokeKey(1).RevokeKeyBy(other)
            .UserId("Ada").Certify().Certify(static spec => spec.HashedWith(SignatureHash.Sha1)).ThirdParty(other).Attest().Revoke(32)
            .UserId("Nobody").ThirdParty(other).Attribute(100).Certify()
            .Subkey(other, KeyUse.Sign).Subkey(new SigningKey(3, KeyKind.Curve25519), KeyUse.Encrypt).Revoke(0)
            .Subkey(new SigningKey(4, KeyKind.Rsa)).Bind(KeyUse.Sign, place: SignedCertificate.BackSignature.None).Build();
    }

    private static CleanView View(CleanViewPolicy policy, byte[] certificate) => Examined.Select(policy, Keyrings.ReadOne(certificate));
}
