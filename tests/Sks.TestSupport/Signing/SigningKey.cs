using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>A key pair as a certificate shows it: version, creation time, material. The same for the same arguments.</summary>
/// <remarks>Source: RFC 9580 sections 5.5.2 and 5.5.4; written apart from the product, as an oracle for it.</remarks>
public sealed class SigningKey
{
    /// <summary>Creation time of keys that do not say otherwise: 2019-12-03.</summary>
    public const uint DefaultCreationTime = 1_575_331_200;

    private const int PooledPairs = 256;

    private readonly KeyPair _pair;

    /// <summary>Makes a key.</summary>
    /// <param name="seed">Another seed makes another pair.</param>
    /// <param name="kind">What it is made of. Default: the kind that suits the version.</param>
    /// <param name="version">2, 3 (RSA), 4 or 6.</param>
    /// <param name="creationTime">Seconds since 1970 UTC. Part of the fingerprint from version 4 on.</param>
    public SigningKey(int seed, KeyKind? kind = null, int version = 4, uint creationTime = DefaultCreationTime)
        : this(KeyPair.Get(kind ?? KindOf(version), seed), version, creationTime)
    {
        Kind = kind ?? KindOf(version);
    }

    private SigningKey(KeyPair pair, int version, uint creationTime)
    {
        if (version < 4 && pair is not RsaKeyPair)
            throw new ArgumentException("Keys of versions 2 and 3 are RSA keys.", nameof(pair));
        _pair = pair;
        Version = (byte)version;
        CreationTime = creationTime;
        var time = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(time, creationTime);
        byte[] material = _pair.Material;
        Body = version switch
        {
            2 or 3 => [Version, .. time, 0, 0, (byte)Algorithm, .. material],
            4 => [Version, .. time, (byte)Algorithm, .. material],
            6 => [Version, .. time, (byte)Algorithm, 0, 0, (byte)(material.Length >> 8), (byte)material.Length, .. material],
            _ => throw new ArgumentOutOfRangeException(nameof(version)),
        };
        (Fingerprint, KeyId) = Identify();
    }

    /// <summary>What it is made of.</summary>
    public KeyKind Kind { get; private init; }

    /// <summary>2, 3, 4 or 6.</summary>
    public byte Version { get; }

    /// <summary>Seconds since 1970 UTC.</summary>
    public uint CreationTime { get; }

    /// <summary>Number of its algorithm.</summary>
    public PublicKeyAlgorithm Algorithm => _pair.Algorithm;

    /// <summary>Body of its public key packet, primary or subkey alike.</summary>
    public byte[] Body { get; }

    /// <summary>Its fingerprint.</summary>
    public Fingerprint Fingerprint { get; }

    /// <summary>Its key ID.</summary>
    public KeyId KeyId { get; }

    /// <summary>What its signatures hash with when nobody says otherwise.</summary>
    public SignatureHash Hash => Version < 4 ? SignatureHash.Md5 : _pair.Hash;

    /// <summary>One of very many keys that share a few hundred pairs: cheap, with a fingerprint of its own for each seed.</summary>
    /// <remarks>Version 2 and 3 keys get a pair each: their fingerprints do not cover the creation time.</remarks>
    public static SigningKey FromPool(int seed, KeyKind? kind = null, int version = 4)
    {
        uint number = unchecked((uint)seed);
        int pair = version < 4 ? seed : (int)(number % PooledPairs);
        return new SigningKey(pair, kind, version, DefaultCreationTime + (number / PooledPairs));
    }

    /// <summary>A native Ed25519 key from a secret that somebody published.</summary>
    /// <param name="secret">32 bytes.</param>
    /// <param name="version">4 or 6.</param>
    /// <param name="creationTime">Seconds since 1970 UTC.</param>
    public static SigningKey FromSecret(byte[] secret, int version, uint creationTime) =>
        new(new Ed25519KeyPair(secret, isNative: true), version, creationTime) { Kind = KeyKind.Ed25519 };

    /// <summary>The numbers over a digest, as they end a signature packet.</summary>
    internal byte[] Sign(SignatureHash hash, byte[] digest, SignatureForm form) => form == SignatureForm.Junk
        ? _pair.Fake(digest).Write(SignatureForm.Canonical)
        : _pair.Sign(hash, digest).Write(form);

    private static KeyKind KindOf(int version) => version switch
    {
        < 4 => KeyKind.Rsa,
        4 => KeyKind.EdDsaLegacy,
        _ => KeyKind.Ed25519,
    };

    private (Fingerprint Fingerprint, KeyId KeyId) Identify()
    {
        byte[] fingerprint;
        KeyId keyId;
        switch (Version)
        {
            case 4:
                fingerprint = SHA1.HashData(SignedOver.Key(Body));
                keyId = KeyId.Read(fingerprint.AsSpan(^KeyId.Length..));
                break;
            case 6:
                fingerprint = SHA256.HashData(SignedOver.Key(Body));
                keyId = KeyId.Read(fingerprint);
                break;
            default:
                ReadOnlySpan<byte> numbers = _pair.Material;
                int modulusEnd = 2 + ((BinaryPrimitives.ReadUInt16BigEndian(numbers) + 7) / 8);
                fingerprint = MD5.HashData([.. numbers[2..modulusEnd], .. numbers[(modulusEnd + 2)..]]);
                keyId = KeyId.Read(numbers[(modulusEnd - KeyId.Length)..modulusEnd]);
                break;
        }

        return Fingerprint.TryCreate(fingerprint, out Fingerprint created) ? (created, keyId) : throw new UnreachableException();
    }
}
