using System.Buffers;
using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class PacketTests
{
    private const long Iterations = 2_000;

    private static readonly Gen<PacketTag> Tags = Gen.Int[1, 63].Select(static tag => (PacketTag)tag);

    private static readonly Gen<byte[]> Bodies =
        Gen.OneOf(Gen.Int[0, 600], Gen.OneOf(0, 191, 192, 255, 256, 8383, 8384, 65535, 65536))
            .SelectMany(static length => Gen.Byte.Array[length]);

    public static TheoryData<byte[], ParseErrorCode> BadHeaders => new()
    {
        { [0x00], ParseErrorCode.BadHeader },
        { [0x7F, 0x01, 0x00], ParseErrorCode.BadHeader },
        { [0x80, 0x01, 0x00], ParseErrorCode.BadHeader },
        { [0xC0, 0x01, 0x00], ParseErrorCode.BadHeader },
        { [0x9B, 0x01], ParseErrorCode.UnsupportedLength },
        { [0xC6, 224, 0x01], ParseErrorCode.UnsupportedLength },
        { [0xC6, 254, 0x01], ParseErrorCode.UnsupportedLength },
    };

    [Fact]
    public void What_is_written_reads_back() =>
        Gen.Select(Tags, Bodies).Sample(
            static (tag, body) =>
            {
                var packet = new Packet(tag, body);
                var written = new byte[PacketWriter.GetLength(packet)];
                return PacketWriter.Write(packet, written) == written.Length
                    && PacketHeader.TryRead(written, out PacketHeader header, out _) == OperationStatus.Done
                    && header.Tag == tag
                    && header.TotalLength == written.Length
                    && written.AsSpan(header.HeaderLength).SequenceEqual(body);
            },
            iter: Iterations);

    [Fact]
    public void SKS_headers_are_old_format_and_short_below_tag_16_and_five_byte_lengths_above() =>
        Gen.Select(Tags, Bodies).Sample(
            static (tag, body) =>
            {
                var packet = new Packet(tag, body);
                var written = new byte[PacketWriter.GetLength(packet)];
                PacketWriter.Write(packet, written);
                return written.AsSpan().SequenceEqual(TestPackets.Frame(tag, body));
            },
            iter: Iterations);

    [Fact]
    public void All_header_formats_say_the_same() =>
        Gen.Select(Tags, Bodies, Gen.Enum<HeaderFormat>()).Sample(
            static (tag, body, format) =>
            {
                byte[] framed = TestPackets.Frame(tag, body, format);
                return PacketHeader.TryRead(framed, out PacketHeader header, out ParseErrorCode error) == OperationStatus.Done
                    && error == ParseErrorCode.None
                    && header == new PacketHeader(tag, framed.Length - body.Length, (uint)body.Length);
            },
            iter: Iterations);

    [Fact]
    public void A_header_cut_anywhere_needs_more_data() =>
        Gen.Select(Tags, Bodies, Gen.Enum<HeaderFormat>()).Sample(
            static (tag, body, format) =>
            {
                byte[] framed = TestPackets.Frame(tag, body, format);
                return Enumerable.Range(0, framed.Length - body.Length).All(cut =>
                    PacketHeader.TryRead(framed.AsSpan(0, cut), out _, out ParseErrorCode error) == OperationStatus.NeedMoreData
                    && error == ParseErrorCode.None);
            },
            iter: Iterations);

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void Headers_that_no_certificate_may_have_are_refused(byte[] header, ParseErrorCode expected)
    {
        Assert.Equal(OperationStatus.InvalidData, PacketHeader.TryRead(header, out _, out ParseErrorCode error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void The_digest_order_is_by_tag_then_body_with_prefixes_first()
    {
        Packet[] sorted =
        [
            new(PacketTag.Signature, new byte[] { 0xFF }),
            new(PacketTag.PublicKey, new byte[] { 0x00 }),
            new(PacketTag.UserId, Array.Empty<byte>()),
            new(PacketTag.UserId, new byte[] { 0x41 }),
            new(PacketTag.UserId, new byte[] { 0x41, 0x00 }),
            new(PacketTag.UserId, new byte[] { 0x7F, 0x00 }),
            new(PacketTag.UserId, new byte[] { 0x80 }),
            new(PacketTag.UserAttribute, Array.Empty<byte>()),
        ];
        AssertOrder(sorted, PacketComparison.ForDigest);
    }

    [Fact]
    public void The_output_order_is_by_tag_then_length_then_body()
    {
        Packet[] sorted =
        [
            new(PacketTag.UserId, Array.Empty<byte>()),
            new(PacketTag.UserId, new byte[] { 0x41 }),
            new(PacketTag.UserId, new byte[] { 0x80 }),
            new(PacketTag.UserId, new byte[] { 0x41, 0x00 }),
            new(PacketTag.UserAttribute, Array.Empty<byte>()),
        ];
        AssertOrder(sorted, PacketComparison.ForOutput);
    }

    private static void AssertOrder(Packet[] sorted, Comparison<Packet> comparison)
    {
        for (int i = 0; i < sorted.Length; i++)
        {
            for (int j = 0; j < sorted.Length; j++)
                Assert.Equal(i.CompareTo(j), Math.Sign(comparison(sorted[i], sorted[j])));
        }
    }
}
