using System.Buffers.Binary;
using System.Text;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Tests;

/// <summary>Certificates with real framing and dummy signatures.</summary>
public static class Synthetic
{
    private const uint Created = 1_600_000_000;

    /// <summary>A version 4 certificate with one self-signed user ID.</summary>
    public static byte[] Certificate(int seed, string userId) => Certificate(seed, Encoding.UTF8.GetBytes(userId));

    /// <inheritdoc cref="Certificate(int, string)"/>
    public static byte[] Certificate(int seed, byte[] userId)
    {
        byte[] key = PublicKey(4, seed);
        return [.. Packet(PacketTag.PublicKey, key), .. Packet(PacketTag.UserId, userId), .. Packet(PacketTag.Signature, Certification(key, seed))];
    }

    /// <summary>A secret key with the same public part, which no keyserver may keep.</summary>
    public static byte[] SecretKey(int seed, string userId)
    {
        byte[] key = PublicKey(4, seed);
        return [.. Packet(PacketTag.SecretKey, [.. key, 0, 0, 8, 1, 0, 1]), .. Packet(PacketTag.UserId, Encoding.UTF8.GetBytes(userId))];
    }

    public static byte[] PublicKey(int version, int seed)
    {
        var modulus = new byte[64];
        new Random(seed).NextBytes(modulus);
        modulus[0] |= 0x80;
        return [(byte)version, .. Number(Created), 1, 2, 0, .. modulus, 0, 17, 1, 0, 1];
    }

    public static Fingerprint FingerprintOf(int seed) =>
        PublicKeyPacket.TryParse(PublicKey(4, seed), out PublicKeyPacket key, out _) ? key.Fingerprint : throw new InvalidOperationException();

    /// <summary>A positive certification by <paramref name="key"/>.</summary>
    public static byte[] Certification(byte[] key, int seed, byte[]? furtherSubpackets = null)
    {
        if (!PublicKeyPacket.TryParse(key, out PublicKeyPacket parsed, out _))
            throw new InvalidOperationException();
        var keyId = new byte[KeyId.Length];
        parsed.KeyId.Write(keyId);
        byte[] hashed = [5, 2, .. Number(Created), .. furtherSubpackets ?? []];
        var integer = new byte[32];
        new Random(seed).NextBytes(integer);
        integer[0] |= 0x80;
        return [4, 0x13, 1, 8, 0, (byte)hashed.Length, .. hashed, 0, 10, 9, 16, .. keyId, 0xAB, 0xCD, 1, 0, .. integer];
    }

    public static byte[] Packet(PacketTag tag, byte[] body)
    {
        var packet = new Packet(tag, body);
        var bytes = new byte[PacketWriter.GetLength(packet)];
        PacketWriter.Write(packet, bytes);
        return bytes;
    }

    public static string Armor(byte[] data)
    {
        var text = new byte[ArmorWriter.GetLength(data.Length)];
        ArmorWriter.Write(data, Crc24.Compute(data), text);
        return Encoding.ASCII.GetString(text);
    }

    public static byte[] Dearmor(byte[] text)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        return new ArmorDecoder().Decode(text, isFinal: true, output, out _) == ArmorEvent.EndOfBlock
            ? output.WrittenSpan.ToArray()
            : throw new InvalidOperationException("Not a complete block.");
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
