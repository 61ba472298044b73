using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sks.OpenPgp;

/// <summary>A public key or subkey packet, versions 2, 3, 4 and 6.</summary>
/// <remarks>Source: RFC 9580 sections 5.5.2 and 5.5.4. The key material itself is looked at only as far as indexes show it.</remarks>
public sealed class PublicKeyPacket
{
    private const int Version4HeaderLength = 6;
    private const int Version3HeaderLength = 8;
    private const int Version6HeaderLength = 10;
    private const int MaxVersion4Length = ushort.MaxValue;
    private const int MaxStackLength = 1024;

    private readonly int _materialOffset;

    private PublicKeyPacket(ReadOnlyMemory<byte> body, int materialOffset, Fingerprint fingerprint, KeyId keyId)
    {
        Body = body;
        _materialOffset = materialOffset;
        Fingerprint = fingerprint;
        KeyId = keyId;
    }

    /// <summary>The packet's body.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>2, 3, 4 or 6.</summary>
    public byte Version => Body.Span[0];

    /// <summary>When the key says it was made, in seconds since 1970 UTC.</summary>
    public uint CreationTime => BinaryPrimitives.ReadUInt32BigEndian(Body.Span[1..]);

    /// <summary>Days after creation when a version 2 or 3 key expires; 0 for never and for other versions.</summary>
    public ushort ValidityDays => Version < 4 ? BinaryPrimitives.ReadUInt16BigEndian(Body.Span[5..]) : (ushort)0;

    /// <summary>The algorithm.</summary>
    public PublicKeyAlgorithm Algorithm => (PublicKeyAlgorithm)Body.Span[Version < 4 ? 7 : 5];

    /// <summary>Algorithm-specific public key material.</summary>
    public ReadOnlyMemory<byte> Material => Body[_materialOffset..];

    /// <summary>The fingerprint.</summary>
    public Fingerprint Fingerprint { get; }

    /// <summary>The key ID.</summary>
    public KeyId KeyId { get; }

    /// <summary>The curve, where the algorithm names one by object identifier and it is known.</summary>
    public EllipticCurve? Curve
    {
        get
        {
            ReadOnlySpan<byte> material = Material.Span;
            bool namesCurve = Algorithm is PublicKeyAlgorithm.Ecdh or PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy;
            return namesCurve && !material.IsEmpty && material.Length > material[0]
                ? EllipticCurve.Find(material.Slice(1, material[0]))
                : null;
        }
    }

    /// <summary>Size that indexes show: the curve's, else the bit count of the first multiprecision integer; 0 when unknown.</summary>
    public int BitLength => Algorithm switch
    {
        PublicKeyAlgorithm.Ecdh or PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy => Curve?.Bits ?? 0,
        PublicKeyAlgorithm.Ed25519 or PublicKeyAlgorithm.X25519 => 256,
        PublicKeyAlgorithm.Ed448 or PublicKeyAlgorithm.X448 => 448,
        _ => Material.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Material.Span) : 0,
    };

    /// <summary>Reads the body of a packet of tag 6 or 14.</summary>
    /// <returns>False with <see cref="ParseErrorCode.UnsupportedKeyVersion"/> or <see cref="ParseErrorCode.MalformedKey"/>.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> body, out PublicKeyPacket key, out ParseErrorCode error)
    {
        key = null!;
        error = ParseErrorCode.MalformedKey;
        ReadOnlySpan<byte> span = body.Span;
        if (span.IsEmpty)
            return false;

        PublicKeyPacket? parsed;
        switch (span[0])
        {
            case 2 or 3:
                parsed = ParseVersion3(body);
                break;
            case 4:
                parsed = ParseVersion4(body);
                break;
            case 6:
                parsed = ParseVersion6(body);
                break;
            default:
                error = ParseErrorCode.UnsupportedKeyVersion;
                return false;
        }

        if (parsed is null)
            return false;
        key = parsed;
        error = ParseErrorCode.None;
        return true;
    }

    private static PublicKeyPacket? ParseVersion3(ReadOnlyMemory<byte> body)
    {
        // MD5 over the values of n and e without their lengths; the key ID is the end of n.
        if (body.Length < Version3HeaderLength)
            return null;
        ReadOnlySpan<byte> material = body.Span[Version3HeaderLength..];
        if (!MultiprecisionInteger.TryRead(ref material, out ReadOnlySpan<byte> modulus)
            || !MultiprecisionInteger.TryRead(ref material, out ReadOnlySpan<byte> exponent)
            || modulus.Length < KeyId.Length)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[Fingerprint.Version3Length];
        MD5.HashData(Concatenate(modulus, exponent, stackalloc byte[MaxStackLength]), hash);
        Fingerprint.TryCreate(hash, out Fingerprint fingerprint);
        return new PublicKeyPacket(body, Version3HeaderLength, fingerprint, KeyId.Read(modulus[^KeyId.Length..]));
    }

    private static PublicKeyPacket? ParseVersion4(ReadOnlyMemory<byte> body)
    {
        // SHA-1 over 0x99, the two-byte length and the body. A longer body has no fingerprint.
        if (body.Length is < Version4HeaderLength or > MaxVersion4Length)
            return null;

        Span<byte> prefix = [0x99, (byte)(body.Length >> 8), (byte)body.Length];
        Span<byte> hash = stackalloc byte[Fingerprint.Version4Length];
        SHA1.HashData(Concatenate(prefix, body.Span, stackalloc byte[MaxStackLength]), hash);
        Fingerprint.TryCreate(hash, out Fingerprint fingerprint);
        return new PublicKeyPacket(body, Version4HeaderLength, fingerprint, KeyId.Read(hash[^KeyId.Length..]));
    }

    private static PublicKeyPacket? ParseVersion6(ReadOnlyMemory<byte> body)
    {
        // SHA-256 over 0x9B, the four-byte length and the body; the key ID is the start of the fingerprint.
        if (body.Length < Version6HeaderLength
            || BinaryPrimitives.ReadUInt32BigEndian(body.Span[6..]) != body.Length - Version6HeaderLength)
        {
            return null;
        }

        Span<byte> prefix = stackalloc byte[5];
        prefix[0] = 0x9B;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], body.Length);
        Span<byte> hash = stackalloc byte[Fingerprint.Version6Length];
        SHA256.HashData(Concatenate(prefix, body.Span, stackalloc byte[MaxStackLength]), hash);
        Fingerprint.TryCreate(hash, out Fingerprint fingerprint);
        return new PublicKeyPacket(body, Version6HeaderLength, fingerprint, KeyId.Read(hash));
    }

    // A one-shot hash over a joined copy beats an incremental one: keys are short.
    private static Span<byte> Concatenate(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> scratch)
    {
        Span<byte> joined = first.Length + second.Length <= scratch.Length ? scratch : new byte[first.Length + second.Length];
        first.CopyTo(joined);
        second.CopyTo(joined[first.Length..]);
        return joined[..(first.Length + second.Length)];
    }
}
