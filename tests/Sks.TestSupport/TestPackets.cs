using System.Buffers.Binary;
using System.Text;
using Sks.OpenPgp;

namespace Sks.TestSupport;

/// <summary>How a packet's header is written.</summary>
public enum HeaderFormat
{
    /// <summary>As SKS writes it.</summary>
    Sks,

    /// <summary>New format, shortest length.</summary>
    New,

    /// <summary>New format, five-byte length.</summary>
    NewFiveBytes,

    /// <summary>Old format, four-byte length; tags above 15 in the new format.</summary>
    OldFourBytes,
}

/// <summary>Bodies of synthetic packets, the same for the same seed, and framing in every format.</summary>
public static class TestPackets
{
    private const uint FirstCreationTime = 1_100_000_000;

    /// <summary>A public key that nobody can sign with: RSA for versions 2 to 4, Ed25519 for version 6.</summary>
    public static byte[] PublicKey(int version, int seed)
    {
        byte[] time = Number(FirstCreationTime + (uint)(seed % 100_000_000));
        byte[] exponent = [0, 17, 1, 0, 1];
        byte[] modulus = Filled(64, seed, "modulus");
        modulus[0] |= 0x80;
        return version switch
        {
            2 or 3 => [(byte)version, .. time, 0, 0, 1, 2, 0, .. modulus, .. exponent],
            4 => [4, .. time, 1, 2, 0, .. modulus, .. exponent],
            6 => [6, .. time, 27, 0, 0, 0, 32, .. Filled(32, seed, "point")],
            _ => throw new ArgumentOutOfRangeException(nameof(version)),
        };
    }

    /// <summary>A signature that verifies with nothing: version 3, 4 or 6, with creation time and issuer.</summary>
    public static byte[] Signature(int version, SignatureType type, int seed, KeyId issuer)
    {
        byte[] time = Number(FirstCreationTime + (uint)(seed % 100_000_000));
        byte[] keyId = new byte[KeyId.Length];
        issuer.Write(keyId);
        byte[] integer = Filled(32, seed, "signature");
        integer[0] |= 0x80;
        byte[] tail = [integer[1], integer[2], 1, 0, .. integer];
        return version switch
        {
            2 or 3 => [(byte)version, 5, (byte)type, .. time, .. keyId, 1, 8, .. tail],
            4 => [4, (byte)type, 1, 8, 0, 6, 5, 2, .. time, 0, 10, 9, 16, .. keyId, .. tail],
            6 =>
            [
                6, (byte)type, 27, 8, 0, 0, 0, 6, 5, 2, .. time, 0, 0, 0, 10, 9, 16, .. keyId,
                1, 2, 16, .. integer[..16], .. integer, .. integer,
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(version)),
        };
    }

    /// <summary>A user ID's body.</summary>
    public static byte[] UserId(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A user attribute's body: one subpacket, an image.</summary>
    public static byte[] Attribute(byte[] photo) => [255, .. Number((uint)photo.Length + 1), 1, .. photo];

    /// <summary>Bytes that look random, the same for the same length, seed and purpose.</summary>
    public static byte[] Filled(int length, int seed, string purpose)
    {
        var bytes = new byte[length];
        int mixed = purpose.Aggregate(seed, static (hash, c) => unchecked((hash * 31) + c));
        new Random(mixed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The packet with a header in the given format.</summary>
    public static byte[] Frame(PacketTag tag, ReadOnlySpan<byte> body, HeaderFormat format = HeaderFormat.Sks)
    {
        byte[] length = Number((uint)body.Length);
        bool isNew = (byte)tag > 15 || format is HeaderFormat.New or HeaderFormat.NewFiveBytes;
        bool isFiveBytes = format != HeaderFormat.New || body.Length > 8383;
        byte[] header = (isNew, format) switch
        {
            (true, _) when isFiveBytes => [NewTag(tag), 255, .. length],
            (true, _) when body.Length < 192 => [NewTag(tag), (byte)body.Length],
            (true, _) => [NewTag(tag), (byte)(((body.Length - 192) >> 8) + 192), (byte)(body.Length - 192)],
            (false, HeaderFormat.OldFourBytes) => [OldTag(tag, 2), .. length],
            _ when body.Length < 256 => [OldTag(tag, 0), (byte)body.Length],
            _ when body.Length < 65536 => [OldTag(tag, 1), .. length[2..]],
            _ => [OldTag(tag, 2), .. length],
        };
        return [.. header, .. body];
    }

    private static byte NewTag(PacketTag tag) => (byte)(0xC0 | (byte)tag);

    private static byte OldTag(PacketTag tag, int lengthType) => (byte)(0x80 | ((byte)tag << 2) | lengthType);

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
