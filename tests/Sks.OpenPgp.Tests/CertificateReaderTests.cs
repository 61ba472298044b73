using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class CertificateReaderTests
{
    public static TheoryData<int> Versions => [2, 3, 4, 6];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Headers_and_order_of_user_ids_do_not_change_the_digest(int version)
    {
        CertificateBuilder ordinary = CertificateBuilder.Ordinary(1, version);
        Certificate expected = ordinary.BuildCertificate();
        CertificateBuilder otherOrder = new CertificateBuilder(1, version)
            .UserId("Other 1 <other.1@example.org>").Signature(SignatureType.PositiveCertification, 1)
            .UserId("Number 1 <number.1@example.org>").Signature(SignatureType.PositiveCertification, 0);
        if (version >= 4)
            otherOrder.Subkey(1).Signature(SignatureType.SubkeyBinding, 2);
        Certificate reordered = otherOrder.BuildCertificate();

        Assert.Equal(expected.Digest, reordered.Digest);
        Assert.Equal(expected.ToArray(), reordered.ToArray());
        foreach (HeaderFormat format in Enum.GetValues<HeaderFormat>())
        {
            Certificate read = Keyrings.ReadOne(ordinary.Build(format));
            Assert.Equal(expected.Digest, read.Digest);
            Assert.Equal(expected.ToArray(), read.ToArray());
        }
    }

    [Fact]
    public void Parts_are_found_where_the_grammar_puts_them()
    {
        Certificate certificate = new CertificateBuilder(2)
            .Signature(SignatureType.DirectKey)
            .UserId("long enough to come last").Certification().Certification()
            .Attribute(300).Certification()
            .UserId("short")
            .Subkey(1).Signature(SignatureType.SubkeyBinding)
            .BuildCertificate();

        Assert.Single(certificate.DirectSignatures);
        Assert.Equal(
            [PacketTag.UserId, PacketTag.UserId, PacketTag.UserAttribute],
            certificate.UserIds.Select(static u => u.Packet.Tag));
        Assert.Equal([0, 2, 1], certificate.UserIds.Select(static u => u.Signatures.Count));
        Assert.Single(Assert.Single(certificate.Subkeys).Signatures);
        Assert.Equal(10, certificate.PacketCount);
        Assert.Equal(certificate.PacketCount, certificate.Packets.Count());
        Assert.Equal(certificate.GetLength(), certificate.Packets.Sum(static p => PacketWriter.GetLength(p)));
    }

    [Theory]
    [InlineData(PacketTag.Marker)]
    [InlineData(PacketTag.Trust)]
    [InlineData(PacketTag.Padding)]
    [InlineData((PacketTag)40)]
    [InlineData((PacketTag)63)]
    public void Only_certificates_of_version_6_may_hold_packets_to_ignore(PacketTag tag)
    {
        byte[] With(int version) => [
            .. CertificateBuilder.Ordinary(5, version).Build(HeaderFormat.New),
            .. TestPackets.Frame(tag, [1, 2, 3], HeaderFormat.New),
            .. TestPackets.Frame(PacketTag.UserAttribute, [], HeaderFormat.New)];

        ParseError afterIgnored = ReadError(With(6));
        Assert.Equal(ParseErrorCode.UnexpectedPacket, afterIgnored.Code);
        Assert.Equal(With(6).Length - 2, afterIgnored.Offset);
        Assert.Equal(ParseErrorCode.UnexpectedPacket, ReadError(With(4)).Code);
        Assert.Equal(With(4).Length - 7, ReadError(With(4)).Offset);

        byte[] ignored = [.. CertificateBuilder.Ordinary(5, 6).Build(HeaderFormat.New), .. TestPackets.Frame(tag, [1, 2, 3], HeaderFormat.New)];
        Assert.Equal(CertificateBuilder.Ordinary(5, 6).BuildCertificate().ToArray(), Keyrings.ReadOne(ignored).ToArray());
    }

    [Fact]
    public void A_version_6_certificate_with_an_unknown_critical_packet_is_rejected() =>
        Assert.Equal(
            ParseErrorCode.UnexpectedPacket,
            ReadError([.. CertificateBuilder.Ordinary(5, 6).Build(), .. TestPackets.Frame((PacketTag)39, [1], HeaderFormat.New)]).Code);

    [Fact]
    public void A_bare_primary_key_is_a_certificate() =>
        Assert.Equal(1, new CertificateBuilder(3).BuildCertificate().PacketCount);

    [Fact]
    public void Repeated_direct_signatures_are_made_one()
    {
        Certificate certificate = new CertificateBuilder(4)
            .Signature(SignatureType.DirectKey, 1).Signature(SignatureType.DirectKey, 2).Signature(SignatureType.DirectKey, 1)
            .BuildCertificate();

        Assert.Equal(2, certificate.DirectSignatures.Count);
    }

    [Fact]
    public void Signatures_that_nobody_can_read_are_kept()
    {
        Certificate certificate = new CertificateBuilder(5)
            .UserId("u").Add(PacketTag.Signature, [5, 1, 2, 3]).Add(PacketTag.Signature, [])
            .BuildCertificate();

        Assert.Equal(2, certificate.UserIds[0].Signatures.Count);
    }

    [Theory]
    [InlineData(PacketTag.Trust)]
    [InlineData(PacketTag.Marker)]
    [InlineData(PacketTag.Padding)]
    [InlineData((PacketTag)8)]
    [InlineData((PacketTag)61)]
    public void A_packet_that_does_not_belong_rejects_the_whole_certificate(PacketTag tag) =>
        AssertRejected(
            CertificateBuilder.Ordinary(6).Add(tag, [1, 2]).Build(),
            ParseErrorCode.UnexpectedPacket,
            CertificateBuilder.Ordinary(6).Build().Length);

    [Fact]
    public void A_user_id_behind_a_subkey_is_rejected_where_it_stands() =>
        AssertRejected(
            CertificateBuilder.Ordinary(7).UserId("late").Build(),
            ParseErrorCode.UnexpectedPacket,
            CertificateBuilder.Ordinary(7).Build().Length);

    [Theory]
    [InlineData(PacketTag.SecretKey)]
    [InlineData(PacketTag.SecretSubkey)]
    public void Secret_keys_are_refused_by_name(PacketTag tag)
    {
        byte[] secret = TestPackets.Frame(tag, [.. TestPackets.PublicKey(4, 8), 0, 1, 2, 3]);

        AssertRejected(secret, ParseErrorCode.SecretKey, 0);
        byte[] key = new CertificateBuilder(8).Build();
        AssertRejected([.. key, .. secret], ParseErrorCode.SecretKey, key.Length);
    }

    [Fact]
    public void Nothing_is_no_data() => AssertRejected([], ParseErrorCode.NoData, 0);

    [Theory]
    [InlineData(new byte[] { 0x98, 0 }, ParseErrorCode.MalformedKey)]
    [InlineData(new byte[] { 0x98, 5, 4, 0, 0, 0, 0 }, ParseErrorCode.MalformedKey)]
    [InlineData(new byte[] { 0x98, 8, 3, 0, 0, 0, 0, 0, 0, 1 }, ParseErrorCode.MalformedKey)]
    [InlineData(new byte[] { 0x98, 10, 6, 0, 0, 0, 0, 27, 0, 0, 0, 1 }, ParseErrorCode.MalformedKey)]
    [InlineData(new byte[] { 0x98, 6, 5, 0, 0, 0, 0, 1 }, ParseErrorCode.UnsupportedKeyVersion)]
    [InlineData(new byte[] { 0x98, 6, 1, 0, 0, 0, 0, 1 }, ParseErrorCode.UnsupportedKeyVersion)]
    public void Primary_keys_that_cannot_be_read_are_refused(byte[] input, ParseErrorCode expected) => AssertRejected(input, expected, 0);

    [Fact]
    public void Every_cut_inside_a_packet_is_reported_at_that_packet()
    {
        byte[] whole = CertificateBuilder.Ordinary(9).Build();
        var starts = new List<int>();
        for (int offset = 0; offset < whole.Length; offset += 2 + whole[offset + 1])
            starts.Add(offset);

        for (int cut = 1; cut < whole.Length; cut++)
        {
            ReadOnlyMemory<byte> input = whole.AsMemory(0, cut);
            bool read = CertificateReader.TryRead(input, OpenPgpLimits.Default, out Certificate certificate, out ParseError error);
            Assert.Equal(starts.Contains(cut), read);
            if (read)
                Assert.Equal(starts.IndexOf(cut), certificate.PacketCount);
            else
                Assert.Equal(new ParseError(ParseErrorCode.Truncated, starts.Last(s => s < cut)), error);
        }
    }

    [Fact]
    public void Limits_refuse_before_anything_is_allocated()
    {
        byte[] certificate = CertificateBuilder.Ordinary(10).Build();
        Certificate read = Keyrings.ReadOne(certificate);
        int packets = read.PacketCount;
        int largest = read.Packets.Max(static packet => packet.Body.Length);
        int start = read.Packets.Where(packet => packet.Body.Length == largest).Min(packet => certificate.AsSpan().IndexOf(packet.Span)) - 2;

        AssertReads(certificate, new OpenPgpLimits { MaxPackets = packets });
        AssertRejected(certificate, ParseErrorCode.CertificateTooLarge, limits: new OpenPgpLimits { MaxPackets = packets - 1 });
        int length = certificate.Length;
        AssertReads(certificate, new OpenPgpLimits { MaxCertificateBytes = length });
        AssertRejected(certificate, ParseErrorCode.CertificateTooLarge, limits: new OpenPgpLimits { MaxCertificateBytes = length - 1 });
        AssertReads(certificate, new OpenPgpLimits { MaxPacketBytes = largest });
        AssertRejected(certificate, ParseErrorCode.PacketTooLarge, start, new OpenPgpLimits { MaxPacketBytes = largest - 1 });
        AssertRejected([0xC6, 0xFF, 0x40, 0, 0, 0, 4], ParseErrorCode.PacketTooLarge, 0);
    }

    [Fact]
    public void Reading_what_was_written_gives_the_same_again() =>
        GenCertificates.Any.Sample(
            static builder =>
            {
                Certificate certificate = builder.BuildCertificate();
                byte[] written = certificate.ToArray();
                Certificate again = Keyrings.ReadOne(written);
                return again.Digest == certificate.Digest
                    && again.Identity == certificate.Identity
                    && again.ToArray().AsSpan().SequenceEqual(written);
            },
            iter: 500);

    private static void AssertReads(byte[] input, OpenPgpLimits limits) =>
        Assert.True(CertificateReader.TryRead(input, limits, out _, out _));

    private static void AssertRejected(byte[] input, ParseErrorCode expected, int? offset = null, OpenPgpLimits? limits = null)
    {
        Assert.False(CertificateReader.TryRead(input, limits ?? OpenPgpLimits.Default, out _, out ParseError error));
        Assert.Equal(expected, error.Code);
        if (offset is { } expectedOffset)
            Assert.Equal(expectedOffset, error.Offset);
    }

    private static ParseError ReadError(byte[] input)
    {
        Assert.False(CertificateReader.TryRead(input, OpenPgpLimits.Default, out _, out ParseError error));
        return error;
    }
}
