using System.Numerics;
using System.Security.Cryptography;
using NSec.Cryptography;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>Ed25519 in either of its forms. Source: RFC 9580 sections 5.2.3.3, 5.2.3.4, 5.5.5.5, 5.5.5.9.</summary>
internal sealed class Ed25519KeyPair : KeyPair
{
    /// <summary>Bytes of the secret.</summary>
    public const int SecretLength = 32;

    private const byte NativePoint = 0x40;

    private static readonly BigInteger Order =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    private readonly Key _key;
    private readonly bool _isNative;

    public Ed25519KeyPair(byte[] secret, bool isNative)
    {
        _key = Key.Import(SignatureAlgorithm.Ed25519, secret, KeyBlobFormat.RawPrivateKey);
        _isNative = isNative;
        byte[] point = _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        Material = isNative ? point : [.. Curve, .. Integer.Write([NativePoint, .. point])];
    }

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm => _isNative ? PublicKeyAlgorithm.Ed25519 : PublicKeyAlgorithm.EdDsaLegacy;

    /// <inheritdoc/>
    public override byte[] Material { get; }

    private static ReadOnlySpan<byte> Curve => [9, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];

    /// <inheritdoc/>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest) => Value(SignatureAlgorithm.Ed25519.Sign(_key, digest));

    /// <inheritdoc/>
    public override SignatureValue Fake(byte[] digest)
    {
        byte[] value = SHA512.HashData(digest);
        value[^1] &= 0x0F; // below the order, as far as one sees
        return Value(value);
    }

    private SignatureValue Value(byte[] value)
    {
        byte[][] numbers = _isNative ? [value] : [value[..SecretLength], value[SecretLength..]];
        return new SignatureValue(numbers, _isNative, Order, IsLittleEndian: true);
    }
}
