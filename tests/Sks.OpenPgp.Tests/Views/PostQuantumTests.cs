using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Whole certificates of RFC 9980, signed by the generator of the tests.</summary>
public sealed class PostQuantumTests
{
    [Theory]
    [InlineData(KeyKind.MlDsa65Ed25519)]
    [InlineData(KeyKind.MlDsa87Ed448)]
    [InlineData(KeyKind.SlhDsaShake128s)]
    [InlineData(KeyKind.SlhDsaShake128f)]
    [InlineData(KeyKind.SlhDsaShake256s)]
    public void A_certificate_is_proven_whole_and_not_once_a_bit_is_changed(KeyKind kind)
    {
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1, kind, version: 6)).UserId("Ada <ada@example.org>").Certify();
        byte[] signature = certificate.LastSignature;
        var examined = new Examined(certificate);
        Assert.True(examined.Shows(signature));
        Assert.Equal(certificate.BuildCertificate().ToArray(), examined.View.Certificate!.ToArray());

        byte[] changed = [.. signature];
        changed[^1] ^= 1;
        var damaged = new SignedCertificate(certificate.Primary).UserId("Ada <ada@example.org>").Add(PacketTag.Signature, changed);
        Assert.Null(new Examined(damaged).View.Certificate);
    }
}
