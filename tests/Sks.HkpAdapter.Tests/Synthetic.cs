using System.Buffers.Binary;
using System.Text;
using Sks.OpenPgp;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

/// <summary>Small certificates made up from a number, really signed.</summary>
public static class Synthetic
{
    private const uint Created = 1_600_000_000;
    private const int SignaturesEach = 16;

    /// <summary>A version 4 certificate with one self-signed user ID.</summary>
    public static byte[] Certificate(int seed, string userId) => Certificate(seed, Encoding.UTF8.GetBytes(userId));

    /// <inheritdoc cref="Certificate(int, string)"/>
    public static byte[] Certificate(int seed, byte[] userId) =>
        new SignedCertificate(Key(seed)).Component(PacketTag.UserId, userId).Certify().Build();

    /// <summary>A certificate of about so many bytes, all of them its owner's: more user IDs, each with signatures that carry notes.</summary>
    /// <param name="seed">Another seed makes another certificate.</param>
    /// <param name="userId">Start of its user IDs.</param>
    /// <param name="length">Bytes that it has at least.</param>
    public static byte[] LargeCertificate(int seed, string userId, int length)
    {
        string note = new('n', length < 16_384 ? 100 : 3_900);
        var certificate = new SignedCertificate(Key(seed));
        for (int made = 0, size = 0; size < length; made++, size += certificate.LastSignature.Length)
        {
            if (made % SignaturesEach == 0)
                certificate.UserId($"{userId} {made / SignaturesEach:D2}");
            certificate.Certify(spec => spec.Noting("note@example.org", note));
        }

        return certificate.BuildCertificate().ToArray();
    }

    /// <summary>A secret key with the same public part, which no keyserver may keep.</summary>
    public static byte[] SecretKey(int seed, string userId) =>
        [.. Packet(PacketTag.SecretKey, [.. Key(seed).Body, 0, 0, 8, 1, 0, 1]), .. Packet(PacketTag.UserId, Encoding.UTF8.GetBytes(userId))];

    public static SigningKey Key(int seed) => new(seed, creationTime: Created);

    public static Fingerprint FingerprintOf(int seed) => Key(seed).Fingerprint;

    /// <summary>A positive certification that names <paramref name="key"/> and verifies with nothing.</summary>
    public static byte[] JunkCertification(SigningKey key, int seed, byte[]? furtherSubpackets = null)
    {
        var keyId = new byte[KeyId.Length];
        key.KeyId.Write(keyId);
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
