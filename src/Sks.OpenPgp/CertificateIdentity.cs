using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sks.OpenPgp;

/// <summary>What makes two submissions the same certificate: byte-equal primary key packets.</summary>
/// <remarks>
/// Bytes: version ‖ fingerprint ‖ first 8 bytes of SHA-256(primary packet body); 25, 29 or 41 of them. The hash part tells
/// apart the version 3 certificates that share a fingerprint because it does not cover the creation time.
/// </remarks>
public readonly struct CertificateIdentity : IEquatable<CertificateIdentity>
{
    /// <summary>The most bytes an identity can take.</summary>
    public const int MaxLength = 1 + Fingerprint.Version6Length + PacketHashLength;

    private const int PacketHashLength = 8;

    private readonly Storage _bytes;
    private readonly byte _length;

    private CertificateIdentity(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    /// <summary>The bytes, as used in keys of the store.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <summary>Version of the primary key.</summary>
    public byte Version => _bytes[0];

    /// <summary>Fingerprint of the primary key.</summary>
    public Fingerprint Fingerprint =>
        _length > 0 && Fingerprint.TryCreate(Span[1..^PacketHashLength], out Fingerprint fingerprint)
            ? fingerprint
            : throw new InvalidOperationException("The identity is empty.");

    /// <summary>Whether two identities have the same bytes.</summary>
    public static bool operator ==(CertificateIdentity left, CertificateIdentity right) => left.Equals(right);

    /// <summary>Whether two identities differ.</summary>
    public static bool operator !=(CertificateIdentity left, CertificateIdentity right) => !left.Equals(right);

    /// <summary>The identity of the certificate with this primary key.</summary>
    public static CertificateIdentity Of(PublicKeyPacket primaryKey)
    {
        Fingerprint fingerprint = primaryKey.Fingerprint;
        Span<byte> bytes = stackalloc byte[MaxLength];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        bytes[0] = primaryKey.Version;
        fingerprint.Span.CopyTo(bytes[1..]);
        SHA256.HashData(primaryKey.Body.Span, hash);
        hash[..PacketHashLength].CopyTo(bytes[(1 + fingerprint.Length)..]);
        return new CertificateIdentity(bytes[..(1 + fingerprint.Length + PacketHashLength)]);
    }

    /// <summary>Reads an identity from exactly its bytes.</summary>
    /// <exception cref="ArgumentException">The bytes are none.</exception>
    public static CertificateIdentity Read(ReadOnlySpan<byte> bytes)
    {
        int fingerprintLength = bytes.Length - 1 - PacketHashLength;
        return fingerprintLength is Fingerprint.Version3Length or Fingerprint.Version4Length or Fingerprint.Version6Length
            ? new CertificateIdentity(bytes)
            : throw new ArgumentException("Not the bytes of a certificate identity.", nameof(bytes));
    }

    /// <inheritdoc/>
    public bool Equals(CertificateIdentity other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CertificateIdentity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Upper-case hex digits.</summary>
    public override string ToString() => Convert.ToHexString(Span);

    [InlineArray(MaxLength)]
    private struct Storage
    {
        private byte _first;
    }
}
