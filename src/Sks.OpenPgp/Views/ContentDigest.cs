using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sks.OpenPgp;

/// <summary>The digest that names one exact clean view under one policy version.</summary>
/// <remarks>
/// 32 bytes: SHA-256 over the policy version (32-bit big-endian), then for each packet in canonical order its tag and body
/// length (32-bit big-endian each) and its body.
/// </remarks>
public readonly struct ContentDigest : IEquatable<ContentDigest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int VersionLength = 4;
    private const int PrefixLength = 8;

    private readonly Storage _bytes;

    private ContentDigest(ReadOnlySpan<byte> bytes) => bytes[..Length].CopyTo(_bytes);

    /// <summary>The bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Whether two digests have the same bytes.</summary>
    public static bool operator ==(ContentDigest left, ContentDigest right) => left.Equals(right);

    /// <summary>Whether two digests differ.</summary>
    public static bool operator !=(ContentDigest left, ContentDigest right) => !left.Equals(right);

    /// <summary>Reads the first 32 bytes of <paramref name="source"/>.</summary>
    public static ContentDigest Read(ReadOnlySpan<byte> source) => new(source);

    /// <summary>Computes the digest of a clean view.</summary>
    /// <param name="policyVersion">Version of the policy that the view was made by.</param>
    /// <param name="certificate">The view.</param>
    public static ContentDigest Compute(int policyVersion, Certificate certificate)
    {
        int length = VersionLength + certificate.Packets.Sum(static packet => PrefixLength + packet.Body.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> rest = rented;
        BinaryPrimitives.WriteInt32BigEndian(rest, policyVersion);
        rest = rest[VersionLength..];
        foreach (Packet packet in certificate.Packets)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, (byte)packet.Tag);
            BinaryPrimitives.WriteInt32BigEndian(rest[4..], packet.Body.Length);
            packet.Span.CopyTo(rest[PrefixLength..]);
            rest = rest[(PrefixLength + packet.Body.Length)..];
        }

        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(rented.AsSpan(0, length), hash);
        ArrayPool<byte>.Shared.Return(rented);
        return new ContentDigest(hash);
    }

    /// <inheritdoc/>
    public bool Equals(ContentDigest other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ContentDigest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Span);

    /// <summary>64 upper-case hex digits.</summary>
    public override string ToString() => Convert.ToHexString(Span);

    [InlineArray(Length)]
    private struct Storage
    {
        private byte _first;
    }
}
