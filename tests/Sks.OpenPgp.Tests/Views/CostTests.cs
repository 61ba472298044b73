using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>What verifying is said to cost follows the work that a key makes, so that nobody buys much work for little.</summary>
public sealed class CostTests
{
    private static readonly SigningKey Signer = new(1, KeyKind.Rsa);

    [Theory]
    [InlineData(4096, 17, 1)]
    [InlineData(8192, 17, 5)]
    [InlineData(8192, 64, 30)]
    [InlineData(16384, 17, 20)]
    public void A_signature_by_a_large_RSA_key_costs_many_small_ones(int bits, int exponentBits, int times)
    {
        Assert.True(CostBy(bits, exponentBits) > times * CostBy(2048, 17));
    }

    [Fact]
    public void A_back_signature_costs_what_the_subkey_makes_of_it()
    {
        long small = CostOfBackSignature(Key(2048, 17));
        long large = CostOfBackSignature(Key(8192, 64));

        Assert.True(large > 10 * small, $"{large} and {small}");
    }

    private static long CostBy(int bits, int exponentBits)
    {
        byte[] key = Key(bits, exponentBits);
        byte[] signature = new SignatureSpec(SignatureType.DirectKey).WithoutIssuer().Sign(Signer, new SignedOver(key));
        return Cost([.. TestPackets.Frame(PacketTag.PublicKey, key), .. TestPackets.Frame(PacketTag.Signature, signature)]);
    }

    private static long CostOfBackSignature(byte[] subkey)
    {
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1)).Component(PacketTag.PublicSubkey, subkey);
        byte[] back = new SignatureSpec(SignatureType.PrimaryKeyBinding).Sign(Signer, certificate.Current);
        return Cost(certificate
            .Sign(new SignatureSpec(SignatureType.SubkeyBinding).For(KeyUse.Sign).With(Subpacket.EmbeddedSignature(back))).Build());
    }

    private static long Cost(byte[] certificate)
    {
        using CertificateExamination examination = Examined.Of([Keyrings.ReadOne(certificate)]);
        examination.Advance(long.MaxValue);
        return examination.Cost;
    }

    // Nobody has its secret: whatever it is said to have signed is refuted after the whole computation.
    private static byte[] Key(int bits, int exponentBits)
    {
        byte[] modulus = TestPackets.Filled(bits / 8, bits, "modulus");
        modulus[0] |= 0x80;
        modulus[^1] |= 1;
        byte[] exponent = exponentBits == 17 ? [1, 0, 1] : [.. Enumerable.Repeat((byte)0xFF, exponentBits / 8)];
        return [4, 1, 2, 3, 4, 1, (byte)(bits >> 8), (byte)bits, .. modulus, 0, (byte)exponentBits, .. exponent];
    }
}
