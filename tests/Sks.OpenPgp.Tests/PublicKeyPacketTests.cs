using System.Security.Cryptography;
using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class PublicKeyPacketTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Version_3_fingerprints_cover_the_integers_only(int version)
    {
        byte[] body = TestPackets.PublicKey(version, 1);
        PublicKeyPacket key = Parse(body);

        Assert.Equal(MD5.HashData([.. body[10..74], .. body[76..]]), key.Fingerprint.Span);
        Assert.Equal(KeyId.Read(body.AsSpan(66)), key.KeyId);
    }

    [Fact]
    public void Version_4_fingerprints_are_SHA_1_and_the_key_ID_is_their_end()
    {
        byte[] body = TestPackets.PublicKey(4, 1);
        byte[] expected = SHA1.HashData([0x99, 0, (byte)body.Length, .. body]);
        PublicKeyPacket key = Parse(body);

        Assert.Equal(expected, key.Fingerprint.Span);
        Assert.Equal(KeyId.Read(expected.AsSpan(12)), key.KeyId);
    }

    [Fact]
    public void Version_6_fingerprints_are_SHA_256_and_the_key_ID_is_their_start()
    {
        byte[] body = TestPackets.PublicKey(6, 1);
        byte[] expected = SHA256.HashData([0x9B, 0, 0, 0, (byte)body.Length, .. body]);
        PublicKeyPacket key = Parse(body);

        Assert.Equal(expected, key.Fingerprint.Span);
        Assert.Equal(KeyId.Read(expected), key.KeyId);
    }

    [Fact]
    public void Fingerprints_of_long_keys_cover_all_of_them()
    {
        byte[] body = [4, 0, 0, 0, 1, 99, .. TestPackets.Filled(60_000, 1, "material")];

        Assert.Equal(SHA1.HashData([0x99, (byte)(body.Length >> 8), (byte)body.Length, .. body]), Parse(body).Fingerprint.Span);
    }

    [Fact]
    public void A_version_4_key_too_long_for_a_fingerprint_is_malformed()
    {
        Assert.True(PublicKeyPacket.TryParse(new byte[65535].With(0, 4), out _, out _));
        Assert.False(PublicKeyPacket.TryParse(new byte[65536].With(0, 4), out _, out ParseErrorCode error));
        Assert.Equal(ParseErrorCode.MalformedKey, error);
    }

    [Fact]
    public void Fields_are_read()
    {
        PublicKeyPacket key = Parse([3, 1, 2, 3, 4, 0, 10, 1, .. TestPackets.PublicKey(3, 1)[8..]]);

        Assert.Equal(3, key.Version);
        Assert.Equal(0x01020304u, key.CreationTime);
        Assert.Equal(10, key.ValidityDays);
        Assert.Equal(PublicKeyAlgorithm.Rsa, key.Algorithm);
        Assert.Equal(512, key.BitLength);
        Assert.Null(key.Curve);
        Assert.Equal(0, Parse(TestPackets.PublicKey(4, 1)).ValidityDays);
    }

    [Theory]
    [InlineData(22, "2B06010401DA470F01", "Ed25519", 256)]
    [InlineData(18, "2B060104019755010501", "Curve25519", 256)]
    [InlineData(19, "2A8648CE3D030107", "NIST P-256", 256)]
    [InlineData(19, "2B81040022", "NIST P-384", 384)]
    [InlineData(19, "2B81040023", "NIST P-521", 521)]
    [InlineData(19, "2B240303020801010D", "brainpoolP512r1", 512)]
    [InlineData(19, "2B8104000A", "secp256k1", 256)]
    [InlineData(19, "2B81040099", null, 0)]
    public void Curves_are_named_by_object_identifier(byte algorithm, string oid, string? name, int bits)
    {
        byte[] identifier = Convert.FromHexString(oid);
        PublicKeyPacket key = Parse([4, 0, 0, 0, 1, algorithm, (byte)identifier.Length, .. identifier, 0, 8, 1]);

        Assert.Equal(name, key.Curve?.Name);
        Assert.Equal(bits, key.BitLength);
    }

    [Theory]
    [InlineData(22, new byte[0])]
    [InlineData(22, new byte[] { 9 })]
    [InlineData(1, new byte[] { 1 })]
    public void Material_cut_short_has_no_size(byte algorithm, byte[] material)
    {
        PublicKeyPacket key = Parse([4, 0, 0, 0, 1, algorithm, .. material]);

        Assert.Null(key.Curve);
        Assert.Equal(0, key.BitLength);
    }

    [Theory]
    [InlineData(25, 256)]
    [InlineData(26, 448)]
    [InlineData(27, 256)]
    [InlineData(28, 448)]
    public void Native_curves_have_the_size_of_their_algorithm(byte algorithm, int bits) =>
        Assert.Equal(bits, Parse([6, 0, 0, 0, 1, algorithm, 0, 0, 0, 2, 1, 2]).BitLength);

    [Fact]
    public void Every_cut_of_a_key_reads_or_is_malformed() =>
        Gen.Select(Gen.OneOf(2, 3, 4, 6), Gen.Int[0, 90]).Sample(
            static (version, cut) =>
            {
                byte[] body = TestPackets.PublicKey(version, 1);
                bool read = PublicKeyPacket.TryParse(body.AsMemory(0, Math.Min(cut, body.Length)), out _, out ParseErrorCode error);
                return read == (error == ParseErrorCode.None)
                    && read == (cut >= body.Length || (version == 4 && cut >= 6))
                    && (read || error == ParseErrorCode.MalformedKey);
            },
            iter: 1_000);

    private static PublicKeyPacket Parse(byte[] body)
    {
        Assert.True(PublicKeyPacket.TryParse(body, out PublicKeyPacket key, out _));
        return key;
    }
}
