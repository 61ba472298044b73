using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sks.OpenPgp;

namespace Sks.Grpc.Tests;

/// <summary>A small version 4 certificate made up from a number. Its signature means nothing: the full view verifies none.</summary>
internal sealed class TestCertificate
{
    private const int ModulusBytes = 64;
    private const int SubpacketsBytes = 6;

    private TestCertificate(byte[] data)
    {
        Data = data;
        Certificate = CertificateReader.TryRead(data, OpenPgpLimits.Unlimited, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new InvalidOperationException(error.ToString());
    }

    public byte[] Data { get; }

    public Certificate Certificate { get; }

    public byte[] Fingerprint => Certificate.Identity.Fingerprint.Span.ToArray();

    public byte[] KeyId => Fingerprint[^8..];

    public byte[] Digest
    {
        get
        {
            var bytes = new byte[SksDigest.Length];
            Certificate.Digest.Write(bytes);
            return bytes;
        }
    }

    /// <summary>A key that claims to have been made <paramref name="number"/> seconds after the start of 2020.</summary>
    /// <param name="number">Which one; other numbers are other keys.</param>
    /// <param name="userIds">Its user IDs; one that names the number when there are none.</param>
    public static TestCertificate Create(int number, params string[] userIds)
    {
        if (userIds.Length == 0)
            userIds = [string.Create(CultureInfo.InvariantCulture, $"Number {number} <number{number}@example.org>")];

        using var stream = new MemoryStream();
        Write(stream, PacketTag.PublicKey, CreateKey(number));
        foreach (string userId in userIds)
        {
            Write(stream, PacketTag.UserId, Encoding.UTF8.GetBytes(userId));
            Write(stream, PacketTag.Signature, CreateSignature(number));
        }

        return new TestCertificate(stream.ToArray());
    }

    /// <summary>One keyring of <paramref name="count"/> certificates with consecutive numbers.</summary>
    public static byte[] CreateKeyring(int firstNumber, int count) =>
        [.. Enumerable.Range(firstNumber, count).SelectMany(static number => Create(number).Data)];

    /// <summary>Bytes that are a secret key, as far as its framing tells.</summary>
    public static byte[] CreateSecretKey(int number)
    {
        using var stream = new MemoryStream();
        Write(stream, PacketTag.SecretKey, [.. CreateKey(number), 0, 0, 8, 1, 0, 0]);
        Write(stream, PacketTag.UserId, "secret"u8.ToArray());
        return stream.ToArray();
    }

    private static byte[] CreateKey(int number)
    {
        var body = new byte[1 + 4 + 1 + 2 + ModulusBytes + 2 + 3];
        body[0] = 4;
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), 1577836800 + number);
        body[5] = 1;
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(6), ModulusBytes * 8);
        new Random(number).NextBytes(body.AsSpan(8, ModulusBytes));
        body[8] |= 0x80;
        byte[] exponent = [0, 17, 1, 0, 1];
        exponent.CopyTo(body, 8 + ModulusBytes);
        return body;
    }

    private static byte[] CreateSignature(int number)
    {
        // Version 4, certification, RSA, SHA-256, hashed: creation time; unhashed: none; tag, one number of 16 bits.
        var body = new byte[4 + 2 + SubpacketsBytes + 2 + 2 + 4];
        body[0] = 4;
        body[1] = 0x13;
        body[2] = 1;
        body[3] = 8;
        body[5] = SubpacketsBytes;
        body[6] = 5;
        body[7] = 2;
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(8), 1577836800 + number);
        body[^3] = 16;
        body[^2] = 0x80;
        body[^1] = (byte)number;
        return body;
    }

    private static void Write(Stream stream, PacketTag tag, byte[] body)
    {
        var bytes = new byte[PacketWriter.GetLength(tag, body.Length)];
        PacketWriter.Write(new Packet(tag, body), bytes);
        stream.Write(bytes);
    }
}
