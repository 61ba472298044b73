using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>A key on Curve25519 that only encrypts. Nobody has its secret: its point is any 32 bytes.</summary>
internal sealed class EncryptionKey(byte[] point, bool isNative) : KeyPair
{
    /// <summary>Bytes of a point.</summary>
    public const int PointLength = 32;

    private const byte NativePoint = 0x40;

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm => isNative ? PublicKeyAlgorithm.X25519 : PublicKeyAlgorithm.Ecdh;

    /// <inheritdoc/>
    public override byte[] Material { get; } =
        isNative ? point : [.. Curve, .. Integer.Write([NativePoint, .. point]), .. KeyDerivation];

    private static ReadOnlySpan<byte> Curve => [10, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];

    private static ReadOnlySpan<byte> KeyDerivation => [3, 1, 8, 7];

    /// <summary>Fails: the key cannot sign.</summary>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest) =>
        throw new NotSupportedException("This key only encrypts.");
}
