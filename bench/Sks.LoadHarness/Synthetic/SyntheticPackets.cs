using System.Buffers.Binary;
using System.Numerics;
using Sks.OpenPgp;

namespace Sks.LoadHarness.Synthetic;

/// <summary>Bodies of version 4 packets and what their signatures hash. Source: RFC 9580 sections 5.2.3, 5.2.4 and 5.5.</summary>
internal static class SyntheticPackets
{
    private const byte Version = 4;
    private const byte Sha256Algorithm = 8;
    private const int PointLength = 32;
    private const byte NativePoint = 0x40;

    private static ReadOnlySpan<byte> Ed25519 => [9, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];

    private static ReadOnlySpan<byte> Curve25519 => [10, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];

    private static ReadOnlySpan<byte> KeyDerivation => [3, 1, 8, 7];

    /// <summary>A primary key.</summary>
    public static byte[] SigningKey(byte[] point, uint time) =>
        [Version, .. BigEndian(time), (byte)PublicKeyAlgorithm.EdDsaLegacy, .. Ed25519, .. Integer([NativePoint, .. point])];

    /// <summary>A subkey whose secret nobody has.</summary>
    public static byte[] EncryptionKey(Random random, uint time)
    {
        var point = new byte[PointLength];
        random.NextBytes(point);
        return
        [
            Version, .. BigEndian(time), (byte)PublicKeyAlgorithm.Ecdh, .. Curve25519, .. Integer([NativePoint, .. point]), .. KeyDerivation,
        ];
    }

    /// <summary>A key as it is hashed.</summary>
    public static byte[] HashedKey(byte[] body) => [0x99, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    /// <summary>A user ID as it is hashed.</summary>
    public static byte[] HashedUserId(byte[] body) => [0xB4, .. BigEndian((uint)body.Length), .. body];

    /// <summary>A signature up to the end of its hashed area.</summary>
    public static byte[] SignatureHead(SignatureType type, uint time, byte[] issuer, byte? keyFlags)
    {
        byte[] flags = keyFlags is { } value ? [2, 27, value] : [];
        byte[] hashed = [5, 2, .. BigEndian(time), 22, 33, Version, .. issuer, .. flags];
        return [Version, (byte)type, (byte)PublicKeyAlgorithm.EdDsaLegacy, Sha256Algorithm, 0, (byte)hashed.Length, .. hashed];
    }

    /// <summary>What is hashed behind it.</summary>
    public static byte[] Trailer(byte[] head) => [Version, 0xFF, .. BigEndian((uint)head.Length)];

    /// <summary>A whole signature.</summary>
    public static byte[] Signature(byte[] head, byte[] issuer, byte[] digest, byte[] value) =>
    [
        .. head, 0, 10, 9, 16, .. issuer.AsSpan(^8..), .. digest.AsSpan(0, 2),
        .. Integer(value.AsSpan(0, PointLength)), .. Integer(value.AsSpan(PointLength)),
    ];

    // A bit count and the bytes without leading zeros.
    private static byte[] Integer(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.TrimStart((byte)0);
        int bits = bytes.IsEmpty ? 0 : (8 * bytes.Length) - BitOperations.LeadingZeroCount(bytes[0]) + 24;
        return [(byte)(bits >> 8), (byte)bits, .. bytes];
    }

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
