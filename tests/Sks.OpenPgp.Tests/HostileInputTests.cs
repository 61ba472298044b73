using System.Diagnostics;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

/// <summary>Damaged real certificates through every reader: an answer, never an exception, never for long.</summary>
public sealed class HostileInputTests
{
    private const int Mutations = 20_000;
    private const int MaxMutatedLength = 6_000;

    private static readonly TimeSpan TimeForOne = TimeSpan.FromSeconds(2);

    [Fact]
    public void Random_mutations_of_real_certificates_are_read_or_refused()
    {
        ReadOnlyMemory<byte>[] originals = [.. KeyHashVector.ReadCertificates().Where(static c => c.Length <= MaxMutatedLength)];
        Assert.True(originals.Length > 50, $"{originals.Length} certificates");
        var random = new Random(1);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] input = Mutate([.. Pick().Span, .. Pick().Span], random);
            long start = Stopwatch.GetTimestamp();
            foreach ((int at, KeyringExtent extent) in i % 2 == 0 ? Keyrings.Split(input) : Keyrings.Split(input, [1 + random.Next(2_000)]))
            {
                if (ReadAll(input.AsMemory(at, extent.CertificateLength)))
                    read++;
                else
                    refused++;
            }

            ReadAll(input);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            Assert.True(elapsed < TimeForOne, $"mutation {i} took {elapsed}");
        }

        // Both happen often, or the mutations test nothing.
        Assert.True(read > Mutations / 4 && refused > Mutations / 10, $"{read} read, {refused} refused");

        ReadOnlyMemory<byte> Pick() => originals[random.Next(originals.Length)];
    }

    [Fact]
    public void Random_mutations_of_armor_are_read_or_refused()
    {
        byte[] original = Armor.Write(KeyHashVector.ReadCertificates()[0].Span);
        original = [.. original, .. "between\n"u8, .. original];
        var random = new Random(2);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < Mutations / 4; i++)
        {
            byte[] text = Mutate([.. original], random);
            long start = Stopwatch.GetTimestamp();
            List<byte[]?> blocks = Armor.Read(text);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

            Assert.True(elapsed < TimeForOne, $"mutation {i} took {elapsed}");
            read += blocks.Count(static b => b is not null);
            refused += blocks.Count(static b => b is null);
        }

        Assert.True(read > Mutations / 10 && refused > Mutations / 50, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Noise_is_read_or_refused()
    {
        var random = new Random(3);
        for (int i = 0; i < Mutations / 4; i++)
        {
            var noise = new byte[9 + random.Next(300)];
            random.NextBytes(noise);
            Keyrings.Split(noise);
            ReadAll(noise);
            _ = PublicKeyPacket.TryParse(noise, out _, out _);
            _ = SignaturePacket.TryParse(noise, out _);

            // Deeper: a known version, a known algorithm, a short hashed area.
            noise[0] = (byte)(2 + random.Next(5));
            noise[4] = 0;
            noise[5] = (byte)random.Next(40);
            _ = PublicKeyPacket.TryParse(noise, out _, out _);
            _ = SignaturePacket.TryParse(noise, out _);
        }
    }

    [Fact]
    public void Every_cut_of_a_small_real_certificate_is_read_or_refused()
    {
        byte[] certificate = KeyHashVector.ReadCertificates().MinBy(static c => c.Length).ToArray();
        for (int cut = 0; cut <= certificate.Length; cut++)
        {
            byte[] input = certificate[..cut];
            ReadAll(input);
            (int _, KeyringExtent extent) = cut == 0 ? default : Assert.Single(Keyrings.Split(input));
            Assert.InRange(extent.CertificateLength, 0, cut);
        }
    }

    // Everything that a keyserver looks at in a certificate.
    private static bool ReadAll(ReadOnlyMemory<byte> input)
    {
        if (!CertificateReader.TryRead(input, OpenPgpLimits.Default, out Certificate certificate, out ParseError error))
        {
            Assert.NotEqual(ParseErrorCode.None, error.Code);
            Assert.InRange(error.Offset, 0, input.Length);
            return false;
        }

        byte[] written = certificate.ToArray();
        Assert.Equal(certificate.Digest, Keyrings.ReadOne(written).Digest);
        foreach (Packet packet in certificate.Packets)
            LookAt(packet);
        return true;
    }

    private static void LookAt(in Packet packet)
    {
        switch (packet.Tag)
        {
            case PacketTag.Signature:
                _ = SignaturePacket.TryParse(packet.Span, out _);
                break;
            case PacketTag.UserId:
                UserIdText.TryFindAddress(UserIdText.Decode(packet.Span), out _);
                break;
            case PacketTag.PublicKey or PacketTag.PublicSubkey when PublicKeyPacket.TryParse(packet.Body, out PublicKeyPacket key, out _):
                Assert.True(key.BitLength >= 0 && key.Material.Length < packet.Body.Length && key.Algorithm >= 0 && key.ValidityDays >= 0);
                Assert.True(key.Curve is null || key.Curve.Bits > 0);
                break;
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        for (int edits = 1 + random.Next(4); edits > 0 && bytes.Length > 0; edits--)
        {
            int at = random.Next(bytes.Length);
            int length = Math.Min(1 + random.Next(40), bytes.Length - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[(at + length)..]];
                    break;
                case 3:
                    bytes = [.. bytes[..(at + length)], .. bytes[at..]];
                    break;
                case 4:
                    random.NextBytes(bytes.AsSpan(at, length));
                    break;
                case 5:
                    // Headers are few and matter most: damage the first of either certificate.
                    bytes[random.Next(Math.Min(8, bytes.Length))] = (byte)random.Next(256);
                    break;
            }
        }

        return bytes;
    }
}
