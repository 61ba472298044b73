using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Sks.OpenPgp.Verification;

/// <summary>A public key of Ed448, verified by the managed library.</summary>
/// <remarks>
/// A signature is valid when S &lt; L, A and R are canonical encodings of points in the subgroup of prime order, and the equation
/// holds. For such points it holds with the cofactor as without, so that no library's choice between them matters. Honest signatures
/// have no other.
/// </remarks>
internal sealed class Ed448Point : EdDsaPoint
{
    /// <summary>Bytes of a public key.</summary>
    public const int PointLength = 57;

    private readonly Ed448.PublicPoint _point;

    private Ed448Point(Ed448.PublicPoint point) => _point = point;

    /// <inheritdoc/>
    public override int Length => PointLength;

    // L = 2^446 - 13818066809895115352007386748515426880336692474882178609894547503885, little-endian.
    private static ReadOnlySpan<byte> Order =>
    [
        0xF3, 0x44, 0x58, 0xAB, 0x92, 0xC2, 0x78, 0x23, 0x55, 0x8F, 0xC5, 0x8D, 0x72, 0xC2, 0x6C, 0x21,
        0x90, 0x36, 0xD6, 0xAE, 0x49, 0xDB, 0x4E, 0xC4, 0xE9, 0x23, 0xCA, 0x7C, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F, 0x00,
    ];

    /// <summary>Imports a public key; null when it is no canonical encoding of a point of the right order.</summary>
    public static Ed448Point? TryImport(ReadOnlySpan<byte> point) =>
        point.Length == PointLength && Ed448.ValidatePublicKeyFullExport(point.ToArray(), 0) is { } imported
            ? new Ed448Point(imported)
            : null;

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        byte[] copy = signature.ToArray();
        return IsBelow(signature[PointLength..], Order)
            && Ed448.ValidatePublicKeyFull(copy, 0)
            && Ed448.Verify(copy, 0, _point, [], message.ToArray(), 0, message.Length);
    }
}
