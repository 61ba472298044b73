using NSec.Cryptography;
using Ed25519Curve = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Sks.OpenPgp.Verification;

/// <summary>A public key of Ed25519.</summary>
/// <remarks>
/// A signature is valid when S &lt; L, A and R are canonical and not of small order, and the equation holds without the cofactor: the
/// encoding of S·B − h·A is R, byte by byte. That is what libsodium 1.0.22, which comes with us, decides. Its strictness has not been
/// the same in all releases, so everything but the equation is checked here too, and <see cref="Ed25519Library"/> finds out which
/// equation it has.
/// </remarks>
internal sealed class Ed25519Point : EdDsaPoint
{
    /// <summary>Bytes of a public key.</summary>
    public const int PointLength = 32;

    private const byte SignMask = 0x7F;

    private readonly byte[] _encoded;
    private readonly PublicKey? _key;

    private Ed25519Point(byte[] encoded, PublicKey? key)
    {
        _encoded = encoded;
        _key = key;
    }

    /// <inheritdoc/>
    public override int Length => PointLength;

    // 2^255 - 19, little-endian.
    private static ReadOnlySpan<byte> Prime =>
    [
        0xED, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
    ];

    // L = 2^252 + 27742317777372353535851937790883648493, little-endian.
    private static ReadOnlySpan<byte> Order =>
    [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
    ];

    // The y coordinates of the points of order 8; those of orders 1, 2 and 4 are 1, -1 and 0.
    private static ReadOnlySpan<byte> FirstOfOrder8 =>
    [
        0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
        0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
    ];

    private static ReadOnlySpan<byte> SecondOfOrder8 =>
    [
        0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
        0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
    ];

    /// <summary>Imports a public key; null when it is no canonical encoding of a point, or one of small order.</summary>
    public static Ed25519Point? TryImport(ReadOnlySpan<byte> point, Libraries libraries)
    {
        if (point.Length != PointLength || !IsCanonicalOfLargeOrder(point))
            return null;
        byte[] encoded = point.ToArray();
        if (libraries == Libraries.Managed || !Ed25519Library.IsUsable)
            return Ed25519Arithmetic.IsPoint(point) ? new Ed25519Point(encoded, null) : null;
        return Ed25519Curve.ValidatePublicKeyPartial(encoded, 0)
            ? new Ed25519Point(encoded, PublicKey.Import(SignatureAlgorithm.Ed25519, point, KeyBlobFormat.RawPublicKey))
            : null;
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        IsBelow(signature[PointLength..], Order)
        && IsCanonicalOfLargeOrder(signature[..PointLength])
        && (_key is null
            ? Ed25519Arithmetic.Verify(_encoded, message, signature)
            : SignatureAlgorithm.Ed25519.Verify(_key, message, signature));

    private static bool IsCanonicalOfLargeOrder(ReadOnlySpan<byte> point)
    {
        Span<byte> y = stackalloc byte[PointLength];
        point.CopyTo(y);
        y[^1] &= SignMask;
        if (!IsBelow(y, Prime) || y.SequenceEqual(FirstOfOrder8) || y.SequenceEqual(SecondOfOrder8))
            return false;
        bool isZeroOrOne = y[0] <= 1 && y[1..].IndexOfAnyExcept((byte)0) < 0;
        bool isMinusOne = y[0] == 0xEC && y[1..].SequenceEqual(Prime[1..]);
        return !isZeroOrOne && !isMinusOne;
    }
}
