using System.Security.Cryptography;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Sks.OpenPgp.Verification;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests;

/// <summary>What other tests compare with is right where no installed program can say so. For the rest see the interop tests.</summary>
public sealed class SignedCertificateTests
{
    private const uint SampleTime = 0x63877FE3;

    // RFC 9580 appendix A.4; the salts of appendix A.3.
    private static readonly byte[] SampleSecret = Convert.FromHexString("1972817B12BE707E8D5F586CE61361201D344EB266A2C82FDE6835762B65B0B7");
    private static readonly byte[] DirectSalt = Convert.FromHexString("103E2D7D227EC0E6D7CE4471DB36BFC97083253690271498A7EF0576C07FAAE1");
    private static readonly byte[] BindingSalt = Convert.FromHexString("A6E9186D9D5935FC8FE56314CDB527486A5A5120F9B762A235A729F039010A56");

    [Fact]
    public void The_sample_of_RFC_9580_comes_out_bit_for_bit()
    {
        Certificate sample = Keyrings.ReadOne(Armor.Read(TestData.Read("rfc9580", "v6-certificate.asc"))[0]);
        var key = SigningKey.FromSecret(SampleSecret, 6, SampleTime);

        byte[] certificate = new SignedCertificate(key)
            .Sign(Sample(SignatureType.DirectKey, DirectSalt)
                .With(Subpacket.PreferredCiphers(9, 7))
                .With(Subpacket.PreferredHashes(10, 14, 8, 12))
                .With(Subpacket.PreferredCompression(0))
                .With(Subpacket.KeyFlags(KeyUse.Certify | KeyUse.Sign).Critical())
                .With(Subpacket.Features(9))
                .With(Subpacket.IssuerFingerprint(key))
                .With(new Subpacket(39, [9, 2, 7, 2])))
            .Component(PacketTag.PublicSubkey, sample.Subkeys[0].Packet.Body.ToArray())
            .Sign(Sample(SignatureType.SubkeyBinding, BindingSalt)
                .With(Subpacket.KeyFlags(KeyUse.Encrypt).Critical())
                .With(Subpacket.IssuerFingerprint(key)))
            .Build();

        Assert.Equal(Convert.ToHexString(sample.ToArray()), Convert.ToHexString(certificate));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void BouncyCastle_verifies_certificates_of_old_versions(int version)
    {
        SignedCertificate certificate = SignedCertificate.Ordinary(1, version);
        var ring = new PgpPublicKeyRing(certificate.Build());
        PgpPublicKey key = ring.GetPublicKey();

        Assert.Equal(certificate.Primary.Fingerprint.ToString(), Convert.ToHexString(key.GetFingerprint()));
        Assert.Equal(2, key.GetUserIds().Count());
        foreach (string userId in key.GetUserIds())
        {
            PgpSignature signature = Assert.Single(key.GetSignaturesForId(userId));
            Assert.True(Verifies(userId));
            Assert.False(Verifies(userId + "x"));

            // Its own VerifyCertification puts a prefix before the user ID, which such signatures do not have (RFC 4880 section 5.2.4).
            bool Verifies(string signed)
            {
                byte[] body = certificate.Primary.Body;
                signature.InitVerify(key);
                signature.Update([0x99, (byte)(body.Length >> 8), (byte)body.Length, .. body, .. TestPackets.UserId(signed)]);
                return signature.Verify();
            }
        }
    }

    [Theory]
    [InlineData(KeyKind.EdDsaLegacy, 4)]
    [InlineData(KeyKind.Rsa, 3)]
    [InlineData(KeyKind.Ed448, 6)]
    public void Equal_calls_make_equal_bytes_and_other_seeds_other_certificates(KeyKind kind, int version)
    {
        byte[] certificate = SignedCertificate.Ordinary(5, version, kind).Build();

        Assert.Equal(certificate, SignedCertificate.Ordinary(5, version, kind).Build());
        Assert.NotEqual(certificate, SignedCertificate.Ordinary(6, version, kind).Build());
        Certificate read = Keyrings.ReadOne(certificate);
        Assert.Equal(SignedCertificate.Ordinary(5, version, kind).Primary.Fingerprint, read.PrimaryKey.Fingerprint);
        Assert.Equal(SignedCertificate.Ordinary(5, version, kind).Primary.KeyId, read.PrimaryKey.KeyId);
    }

    [Fact]
    public void Floods_are_what_they_say()
    {
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1)).UserId("Ada").Certify();
        SignedOver over = certificate.Current;
        byte[][] strangers = [.. SignatureFlood.ThirdParty(over, 20_000)];
        byte[][] claimed = [.. SignatureFlood.ClaimedByOwner(certificate.Primary, over, 100)];
        byte[][] notes = [.. SignatureFlood.Notations(certificate.Primary, over, 3, 3_000)];
        Certificate read = certificate.Add(strangers).Add(claimed).Add(notes).BuildCertificate();

        Assert.Equal(1 + 20_000 + 100 + 3, read.UserIds[0].Signatures.Count);
        Assert.Equal(20_000, strangers.Select(static body => Parse(body).Issuer).Distinct().Count());
        Assert.Equal(10_000, strangers.Count(body => HasRightTag(body, over)));
        Assert.All(claimed, body => Assert.Equal((certificate.Primary.KeyId, true), (Parse(body).Issuer!.Value, HasRightTag(body, over))));
        Assert.All(notes, body => Assert.InRange(body.Length, 3_000, 3_300));

        static SignaturePacket Parse(byte[] body) => SignaturePacket.TryParse(body, out SignaturePacket parsed) ? parsed : throw new InvalidOperationException();
    }

    // Version 4, SHA-256, areas below 256 bytes.
    private static bool HasRightTag(byte[] body, SignedOver over)
    {
        int head = 6 + body[5];
        int tag = head + 2 + body[head + 1];
        byte[] userId = over.Component!;
        byte[] digest = SHA256.HashData(
        [
            0x99, 0, (byte)over.Primary.Length, .. over.Primary, 0xB4, 0, 0, 0, (byte)userId.Length, .. userId,
            .. body[..head], 4, 0xFF, 0, 0, 0, (byte)head,
        ]);
        return body.AsSpan(tag, 2).SequenceEqual(digest.AsSpan(0, 2));
    }

    private static SignatureSpec Sample(SignatureType type, byte[] salt) => new SignatureSpec(type)
        .HashedWith(SignatureHash.Sha512).Salted(salt)
        .WithoutIssuer().WithoutCreationTime().With(Subpacket.CreationTime(SampleTime).Critical());
}
