using System.Security.Cryptography;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class IdentityTests
{
    [Theory]
    [InlineData(2, 25)]
    [InlineData(3, 25)]
    [InlineData(4, 29)]
    [InlineData(6, 41)]
    public void An_identity_is_version_fingerprint_and_start_of_the_packet_hash(int version, int length)
    {
        PublicKeyPacket key = new CertificateBuilder(1, version).PrimaryKey;
        CertificateIdentity identity = CertificateIdentity.Of(key);

        Assert.Equal([(byte)version, .. key.Fingerprint.Span, .. SHA256.HashData(key.Body.Span)[..8]], identity.Span);
        Assert.Equal(length, identity.Span.Length);
        Assert.Equal(version, identity.Version);
        Assert.Equal(key.Fingerprint, identity.Fingerprint);
        Assert.Equal(identity, CertificateIdentity.Read(identity.Span));
        Assert.Equal(identity.GetHashCode(), CertificateIdentity.Read(identity.Span).GetHashCode());
        Assert.NotEqual(identity, CertificateIdentity.Of(new CertificateBuilder(2, version).PrimaryKey));
    }

    [Fact]
    public void Bytes_of_another_length_are_no_identity()
    {
        for (int length = 0; length < 50; length++)
        {
            if (length is not (25 or 29 or 41))
                Assert.Throws<ArgumentException>(() => CertificateIdentity.Read(new byte[length]));
        }

        Assert.Throws<InvalidOperationException>(static () => default(CertificateIdentity).Fingerprint);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(32)]
    public void A_fingerprint_reads_from_its_text(int length)
    {
        byte[] bytes = TestPackets.Filled(length, 1, "fingerprint");
        Assert.True(Fingerprint.TryCreate(bytes, out Fingerprint fingerprint));

        Assert.Equal(Convert.ToHexString(bytes), fingerprint.ToString());
        Assert.True(Fingerprint.TryParse(fingerprint.ToString(), out Fingerprint upper));
        Assert.True(Fingerprint.TryParse(fingerprint.ToString().ToLowerInvariant(), out Fingerprint lower));
        Assert.Equal(fingerprint, upper);
        Assert.Equal(fingerprint, lower);
        Assert.False(Fingerprint.TryParse(fingerprint.ToString().AsSpan(1), out _));
        Assert.False(Fingerprint.TryParse(fingerprint.ToString().AsSpan(2), out _));
        Assert.False(Fingerprint.TryParse(string.Concat("0x", fingerprint.ToString().AsSpan(2)), out _));
    }

    [Fact]
    public void A_digest_reads_from_32_hex_digits_and_nothing_else()
    {
        const string Text = "00112233445566778899AABBCCDDEEFF";
        Assert.True(SksDigest.TryParse(Text, out SksDigest digest));
        Assert.True(SksDigest.TryParse(Text.ToLowerInvariant(), out SksDigest lower));

        Assert.Equal(Text, digest.ToString());
        Assert.Equal(digest, lower);
        var bytes = new byte[SksDigest.Length];
        digest.Write(bytes);
        Assert.Equal(Convert.FromHexString(Text), bytes);
        Assert.Equal(digest, SksDigest.Read(bytes));
        const string Most = "0112233445566778899AABBCCDDEEFF";
        foreach (string bad in (string[])["", Most, $"0{Text}", $"{Most}\0", $"{Most} ", $" {Most}", $"x{Most}", $"{Most}G"])
            Assert.False(SksDigest.TryParse(bad, out _), bad);
    }

    [Fact]
    public void A_key_ID_writes_what_it_read()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        var written = new byte[KeyId.Length];
        KeyId.Read(bytes).Write(written);

        Assert.Equal(bytes, written);
        Assert.Equal("0102030405060708", KeyId.Read(bytes).ToString());
    }
}
