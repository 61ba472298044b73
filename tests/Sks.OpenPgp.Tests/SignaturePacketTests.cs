using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class SignaturePacketTests
{
    private const byte Creation = 2;
    private const byte Expiration = 3;
    private const byte Exportable = 4;
    private const byte KeyExpiration = 9;
    private const byte Issuer = 16;
    private const byte PrimaryUserId = 25;
    private const byte IssuerFingerprint = 33;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void All_versions_tell_type_time_and_issuer(int version)
    {
        var issuer = new KeyId(0x1122334455667788);
        SignaturePacket signature = Parse(TestPackets.Signature(version, SignatureType.CertificationRevocation, 7, issuer));

        Assert.Equal(version, signature.Version);
        Assert.Equal(SignatureType.CertificationRevocation, signature.Type);
        Assert.Equal(1_100_000_007u, signature.CreationTime);
        Assert.Equal(issuer, signature.Issuer);
        Assert.True(signature.IsRevocation);
        Assert.False(signature.IsCertification);
        Assert.True(signature.IsExportable);
        Assert.False(signature.IsPrimaryUserId);
    }

    [Fact]
    public void The_hashed_area_is_read()
    {
        SignaturePacket signature = Parse(Version4(
            [
                5, Creation, 0, 0, 0, 1, 5, Expiration, 0, 0, 0, 2, 5, 0x80 | KeyExpiration, 0, 0, 0, 3,
                2, Exportable, 0, 2, PrimaryUserId, 1,
            ],
            []));

        Assert.Equal(1u, signature.CreationTime);
        Assert.Equal(2u, signature.ExpiresAfter);
        Assert.Equal(3u, signature.KeyExpiresAfter);
        Assert.False(signature.IsExportable);
        Assert.True(signature.IsPrimaryUserId);
        Assert.Null(signature.Issuer);
    }

    [Fact]
    public void The_unhashed_area_names_the_issuer_and_nothing_else()
    {
        SignaturePacket signature = Parse(Version4(
            [],
            [
                5, Creation, 0, 0, 0, 1, 5, KeyExpiration, 0, 0, 0, 3, 2, Exportable, 0, 2, PrimaryUserId, 1,
                9, Issuer, 1, 2, 3, 4, 5, 6, 7, 8,
            ]));

        Assert.Null(signature.CreationTime);
        Assert.Null(signature.KeyExpiresAfter);
        Assert.True(signature.IsExportable);
        Assert.False(signature.IsPrimaryUserId);
        Assert.Equal(new KeyId(0x0102030405060708), signature.Issuer);
    }

    [Fact]
    public void An_issuer_in_the_hashed_area_is_not_overridden()
    {
        SignaturePacket signature = Parse(Version4([9, Issuer, 1, 2, 3, 4, 5, 6, 7, 8], [9, Issuer, 9, 9, 9, 9, 9, 9, 9, 9]));

        Assert.Equal(new KeyId(0x0102030405060708), signature.Issuer);
    }

    [Theory]
    [InlineData(20, 12)]
    [InlineData(32, 0)]
    public void An_issuer_fingerprint_gives_the_key_ID(int length, int offset)
    {
        byte[] fingerprint = TestPackets.Filled(length, 1, "fingerprint");
        SignaturePacket signature = Parse(Version4([(byte)(length + 2), IssuerFingerprint, 4, .. fingerprint], []));

        Assert.Equal(KeyId.Read(fingerprint.AsSpan(offset)), signature.Issuer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("05")]
    [InlineData("04")]
    [InlineData("040001080001")]
    [InlineData("04000108000100")]
    [InlineData("0400010800000001")]
    [InlineData("06000108000000010000")]
    [InlineData("0600010800000000FFFFFFFF")]
    [InlineData("030410000000000000000000000000000001080000")]
    [InlineData("030510000000000000000000000000000108")]
    public void What_does_not_fit_is_not_read(string body) =>
        Assert.False(SignaturePacket.TryParse(Convert.FromHexString(body), out _));

    [Theory]
    [InlineData(0)]
    [InlineData(191)]
    [InlineData(192)]
    [InlineData(8383)]
    [InlineData(8384)]
    [InlineData(16319)]
    [InlineData(16320)]
    [InlineData(70000)]
    public void Subpackets_of_every_length_are_walked(int length)
    {
        int total = length + 1;
        byte[] header = total switch
        {
            < 192 => [(byte)total],
            < 16320 => [(byte)(((total - 192) >> 8) + 192), (byte)(total - 192)],
            _ => [255, 0, (byte)(total >> 16), (byte)(total >> 8), (byte)total],
        };
        byte[] content = TestPackets.Filled(length, 1, "subpacket");
        var reader = new SubpacketReader([.. header, 0x80 | 20, .. content, 1, Exportable]);

        Assert.True(reader.MoveNext());
        Assert.Equal((SubpacketType)20, reader.Type);
        Assert.True(reader.IsCritical);
        Assert.Equal(content, reader.Content);
        Assert.True(reader.MoveNext());
        Assert.Equal(SubpacketType.Exportable, reader.Type);
        Assert.False(reader.IsCritical);
        Assert.True(reader.Content.IsEmpty);
        Assert.False(reader.MoveNext());
        Assert.False(reader.IsMalformed);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("0502000000")]
    [InlineData("C0")]
    [InlineData("FF000000")]
    [InlineData("FF0000000002")]
    [InlineData("FFFFFFFFFF02")]
    public void A_subpacket_that_does_not_fit_ends_the_walk(string area)
    {
        var reader = new SubpacketReader(Convert.FromHexString(area));

        Assert.False(reader.MoveNext());
        Assert.True(reader.IsMalformed);
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void Every_cut_of_a_signature_is_read_or_refused() =>
        Gen.Select(Gen.OneOf(3, 4, 6), Gen.Int[0, 100]).Sample(
            static (version, cut) =>
            {
                byte[] body = TestPackets.Signature(version, SignatureType.DirectKey, 1, default);
                int needed = version switch { 3 => 19, 4 => 24, _ => 30 - 2 };
                return SignaturePacket.TryParse(body.AsSpan(0, Math.Min(cut, body.Length)), out _) == cut >= needed;
            },
            iter: 1_000);

    private static byte[] Version4(byte[] hashed, byte[] unhashed) =>
        [4, 0x13, 1, 8, 0, (byte)hashed.Length, .. hashed, 0, (byte)unhashed.Length, .. unhashed, 1, 2, 0, 1, 1];

    private static SignaturePacket Parse(byte[] body)
    {
        Assert.True(SignaturePacket.TryParse(body, out SignaturePacket signature));
        return signature;
    }
}
