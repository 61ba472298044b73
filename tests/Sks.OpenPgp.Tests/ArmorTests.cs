using System.Text;
using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class ArmorTests
{
    private const long Iterations = 1_000;
    private const string Begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    private const string End = "-----END PGP PUBLIC KEY BLOCK-----";

    private static readonly byte[] Data = TestPackets.Filled(200, 1, "armor");

    private static readonly Gen<byte[]> AnyData = Gen.Byte.Array[0, 400];

    /// <summary>Changes to the text of one block that must not change what it holds.</summary>
    private static readonly Gen<Func<string, string>> Disguises = Gen.OneOf<Func<string, string>>(
        static text => text,
        static text => text.Replace("\n", "\r\n", StringComparison.Ordinal),
        static text => text.Replace("\n", " \n", StringComparison.Ordinal),
        static text => text.Replace("\n", " \t\r\n", StringComparison.Ordinal),
        static text => text.Replace("-----\n\n", "-----\nVersion: 1\nComment: none: at all\n\n", StringComparison.Ordinal),
        static text => text.Replace("-----\n\n", "-----\n", StringComparison.Ordinal),
        static text => text.Replace("\n", "\n\n", StringComparison.Ordinal),
        static text => WithCrc(text, ""),
        static text => WithCrc(text, "=AAAA\n"),
        static text => text.Replace("-----BEGIN", "- -----BEGIN", StringComparison.Ordinal)
            .Replace("-----END", "- -----END", StringComparison.Ordinal),
        static text => text.Replace(End + "\n", "", StringComparison.Ordinal),
        static text => "Dear keyserver,\n-- \n----- not armor\n" + text + "regards\n=abcd\n");

    [Fact]
    public void Known_text_is_written_as_SKS_writes_it()
    {
        string expected = $"{Begin}\n\nSGVsbG8=\n=EHJM\n{End}\n";

        Assert.Equal(expected, Encoding.ASCII.GetString(Armor.Write("Hello"u8)));
    }

    [Fact]
    public void Lines_have_72_characters_at_most() =>
        Gen.Byte.Array[1, 400].Sample(
            static data =>
            {
                string[] lines = Encoding.ASCII.GetString(Armor.Write(data)).Split('\n');
                return lines[2..^4].All(static line => line.Length == 72) && lines[^1].Length == 0;
            },
            iter: Iterations);

    [Fact]
    public void What_is_written_reads_back_in_any_disguise_and_any_segmentation() =>
        Gen.Select(Gen.Select(AnyData, Disguises).List[1, 3], Gen.Int[1, 100].Array[1, 5]).Sample(
            static (blocks, pieces) =>
            {
                string text = string.Concat(blocks.Select(static block => block.Item2(Encoding.ASCII.GetString(Armor.Write(block.Item1)))));
                List<byte[]?> read = Armor.Read(Encoding.ASCII.GetBytes(text), pieces);
                return Same(read, [.. blocks.Select(static block => block.Item1)]);
            },
            iter: Iterations);

    [Fact]
    public void Any_text_reads_alike_in_any_segmentation() =>
        Gen.Select(
                Gen.OneOf(Begin, End, "\n", "\r\n", " ", "AAAA", "AAA=", "=", "=AAAA", "A", "-----", "Name: x", "*").List[0, 60],
                Gen.Int[1, 9].Array[1, 5])
            .Sample(
                static (parts, pieces) =>
                {
                    byte[] text = Encoding.ASCII.GetBytes(string.Concat(parts));
                    return Same(Armor.Read(text), Armor.Read(text, pieces));
                },
                iter: 5_000);

    [Fact]
    public void Every_plus_that_a_form_turned_into_a_blank_is_restored()
    {
        int atLineEnds = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] data = TestPackets.Filled(500, seed, "plus");
            string[] lines = Encoding.ASCII.GetString(Armor.Write(data)).Split('\n');
            for (int i = 1; i < lines.Length - 2; i++)
                lines[i] = lines[i].Replace('+', ' ');
            atLineEnds += lines.Count(static line => line.StartsWith(' ') || line.EndsWith(' '));

            Assert.Equal(data, Assert.Single(Armor.Read(Encoding.ASCII.GetBytes(string.Join('\n', lines)))));
        }

        Assert.True(atLineEnds > 30, $"{atLineEnds} lines begin or end with a blank");
    }

    [Fact]
    public void A_blank_at_either_end_of_a_line_is_a_plus_where_one_is_missing()
    {
        byte[] data = Convert.FromBase64String("+AAA" + "AAA+" + "AAAA");
        string text = $"{Begin}\n\n AAA\nAAA \nAAAA\n{End}\n";

        Assert.Equal(data, Assert.Single(Armor.Read(Encoding.ASCII.GetBytes(text))));
    }

    [Fact]
    public void A_block_without_an_end_gives_way_to_the_next()
    {
        string block = Encoding.ASCII.GetString(Armor.Write(Data));
        string open = block.Replace(End + "\n", "", StringComparison.Ordinal);

        List<byte[]?> read = Armor.Read(Encoding.ASCII.GetBytes(open + block));

        Assert.Equal([Data, Data], read);
    }

    [Fact]
    public void A_block_behind_one_that_ends_badly_is_read()
    {
        // One character is missing, and so is the END line.
        string broken = $"{Begin}\n\nAAA\n";
        string block = Encoding.ASCII.GetString(Armor.Write(Data));

        Assert.Equal([null, Data], Armor.Read(Encoding.ASCII.GetBytes(broken + block)));
    }

    [Fact]
    public void A_block_behind_one_that_holds_something_else_is_read()
    {
        string broken = $"{Begin}\n\nAAAA\n<html>\nAAAA\n{End}\n";
        string block = Encoding.ASCII.GetString(Armor.Write(Data));

        Assert.Equal([null, Data], Armor.Read(Encoding.ASCII.GetBytes(broken + block)));
    }

    [Theory]
    [InlineData("PUBLIC KEY BLOCK", 1)]
    [InlineData("PUBLIC KEY BLOCK, PART 1/2", 1)]
    [InlineData("PRIVATE KEY BLOCK", 1)]
    [InlineData("SIGNATURE", 1)]
    [InlineData("MESSAGE", 0)]
    [InlineData("SIGNED MESSAGE", 0)]
    public void Only_blocks_that_can_hold_certificates_are_read(string type, int blocks) =>
        Assert.Equal(blocks, Armor.Read(Encoding.ASCII.GetBytes($"-----BEGIN PGP {type}-----\n\nAAAA\n-----END PGP {type}-----\n")).Count);

    [Fact]
    public void A_header_line_longer_than_any_buffer_is_passed_over()
    {
        string header = $"-----\nComment: {new string('x', 40_000)}\n\n";
        string text = Encoding.ASCII.GetString(Armor.Write(Data)).Replace("-----\n\n", header, StringComparison.Ordinal);

        Assert.Equal(Data, Assert.Single(Armor.Read(Encoding.ASCII.GetBytes(text))));
        Assert.Equal(Data, Assert.Single(Armor.Read(Encoding.ASCII.GetBytes(text), [1000])));
    }

    [Fact]
    public void Base64_in_one_endless_line_is_read()
    {
        byte[] data = TestPackets.Filled(50_000, 2, "armor");
        byte[] text = Encoding.ASCII.GetBytes($"{Begin}\n\n{Convert.ToBase64String(data)}\n{End}\n");

        Assert.Equal(data, Assert.Single(Armor.Read(text)));
        Assert.Equal(data, Assert.Single(Armor.Read(text, [777])));
    }

    [Fact]
    public void Whether_there_was_any_block_is_known()
    {
        var decoder = new ArmorDecoder();
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        decoder.Decode("no armor here\n"u8, isFinal: false, output, out _);
        Assert.False(decoder.HasSeenBlock);
        decoder.Decode("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"u8, isFinal: false, output, out _);
        Assert.True(decoder.HasSeenBlock);
    }

    [Fact]
    public void The_sample_certificate_of_RFC_9580_needs_no_CRC_line()
    {
        byte[] binary = Assert.Single(Armor.Read(TestData.Read("rfc9580", "v6-certificate.asc")))!;
        Certificate certificate = Keyrings.ReadOne(binary);

        Assert.Equal("CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9", certificate.PrimaryKey.Fingerprint.ToString());
        Assert.Equal("CB186C4F0609A697", certificate.PrimaryKey.KeyId.ToString());
        Assert.Equal(4, certificate.PacketCount);
        Assert.True(PublicKeyPacket.TryParse(certificate.Subkeys[0].Packet.Body, out PublicKeyPacket subkey, out _));
        Assert.Equal("12C83F1E706F6308FE151A417743A1F033790E93E9978488D1DB378DA9930885", subkey.Fingerprint.ToString());
        Assert.True(SignaturePacket.TryParse(certificate.DirectSignatures[0].Span, out SignaturePacket signature));
        Assert.Equal(certificate.PrimaryKey.KeyId, signature.Issuer);
        Assert.Equal(SignatureType.DirectKey, signature.Type);
    }

    [Fact]
    public void The_checksum_is_that_of_the_bitwise_definition() =>
        AnyData.Sample(static data => Crc24.Compute(data) == BitwiseCrc24(data), iter: Iterations);

    private static uint BitwiseCrc24(byte[] data)
    {
        // RFC 4880 section 6.1, as printed.
        uint crc = 0xB704CE;
        foreach (byte value in data)
        {
            crc ^= (uint)value << 16;
            for (int i = 0; i < 8; i++)
            {
                crc <<= 1;
                if ((crc & 0x1000000) != 0)
                    crc ^= 0x1864CFB;
            }
        }

        return crc & 0xFFFFFF;
    }

    private static string WithCrc(string text, string crcLine)
    {
        int end = text.IndexOf(End, StringComparison.Ordinal);
        return text[..(end - 6)] + crcLine + text[end..];
    }

    private static bool Same(List<byte[]?> left, List<byte[]?> right) =>
        left.Count == right.Count
        && left.Zip(right).All(
            static pair => (pair.First is null) == (pair.Second is null) && pair.First.AsSpan().SequenceEqual(pair.Second));
}
