using System.Text;
using Sks.OpenPgp;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

/// <summary>Small certificates, framed and armored.</summary>
public static class Synthetic
{
    /// <summary>A version 4 certificate with one self-signed user ID.</summary>
    public static byte[] Certificate(int seed, string userId) => Certificate(seed, Encoding.UTF8.GetBytes(userId));

    /// <inheritdoc cref="Certificate(int, string)"/>
    public static byte[] Certificate(int seed, byte[] userId) =>
        new SignedCertificate(SigningKey.FromPool(seed)).Component(PacketTag.UserId, userId).Certify().Build();

    /// <summary>A version 4 certificate with one user ID that nobody has signed.</summary>
    public static byte[] Unproven(int seed, string userId) => new SignedCertificate(SigningKey.FromPool(seed)).UserId(userId).Build();

    /// <summary>A secret key with the same public part, which no keyserver may keep.</summary>
    public static byte[] SecretKey(int seed, string userId) =>
    [
        .. Packet(PacketTag.SecretKey, [.. SigningKey.FromPool(seed).Body, 0, 0, 8, 1, 0, 1]),
        .. Packet(PacketTag.UserId, Encoding.UTF8.GetBytes(userId)),
    ];

    public static Fingerprint FingerprintOf(int seed) => SigningKey.FromPool(seed).Fingerprint;

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

    /// <summary>Packets in hex, sorted.</summary>
    public static List<string> Packets(byte[] keys)
    {
        List<string> packets = [];
        for (int at = 0; at < keys.Length;)
        {
            Assert.Equal(System.Buffers.OperationStatus.Done, PacketHeader.TryRead(keys.AsSpan(at), out PacketHeader header, out _));
            packets.Add(Convert.ToHexString(keys.AsSpan(at, (int)header.TotalLength)));
            at += (int)header.TotalLength;
        }

        packets.Sort(StringComparer.Ordinal);
        return packets;
    }
}
