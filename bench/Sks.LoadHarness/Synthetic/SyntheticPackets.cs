using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.LoadHarness.Synthetic;

/// <summary>Bodies of well-formed version 4 packets with random values.</summary>
internal static class SyntheticPackets
{
    private const byte Version = 4;
    private const byte Sha256Algorithm = 8;
    private const int PointBits = 263;
    private const int ScalarBits = 256;
    private const byte NativePoint = 0x40;

    private static ReadOnlySpan<byte> Ed25519 => [9, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];

    private static ReadOnlySpan<byte> Curve25519 => [10, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];

    private static ReadOnlySpan<byte> KeyDerivation => [3, 1, 8, 7];

    /// <summary>A primary key.</summary>
    public static byte[] SigningKey(Random random, uint time) =>
        [Version, .. BigEndian(time), (byte)PublicKeyAlgorithm.EdDsaLegacy, .. Ed25519, .. Point(random)];

    /// <summary>A subkey.</summary>
    public static byte[] EncryptionKey(Random random, uint time) =>
        [Version, .. BigEndian(time), (byte)PublicKeyAlgorithm.Ecdh, .. Curve25519, .. Point(random), .. KeyDerivation];

    /// <summary>A signature.</summary>
    /// <param name="random">Source of its values.</param>
    /// <param name="type">Its type.</param>
    /// <param name="time">When it was made.</param>
    /// <param name="issuer">Fingerprint of its maker.</param>
    /// <param name="keyFlags">What the key may do, when it says so.</param>
    public static byte[] Signature(Random random, SignatureType type, uint time, byte[] issuer, byte? keyFlags)
    {
        byte[] flags = keyFlags is { } value ? [2, 27, value] : [];
        byte[] hashed = [5, 2, .. BigEndian(time), 22, 33, Version, .. issuer, .. flags];
        byte[] unhashed = [9, 16, .. issuer.AsSpan(^8..)];
        return
        [
            Version, (byte)type, (byte)PublicKeyAlgorithm.EdDsaLegacy, Sha256Algorithm,
            0, (byte)hashed.Length, .. hashed,
            0, (byte)unhashed.Length, .. unhashed,
            .. Bytes(random, 2), .. Scalar(random), .. Scalar(random),
        ];
    }

    private static byte[] Point(Random random) => [PointBits >> 8, PointBits & 0xFF, NativePoint, .. Bytes(random, 32)];

    private static byte[] Scalar(Random random)
    {
        byte[] value = Bytes(random, 32);
        value[0] |= 0x80;
        return [ScalarBits >> 8, ScalarBits & 0xFF, .. value];
    }

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
