namespace Sks.OpenPgp.Verification;

/// <summary>An Ed25519 or Ed448 key in its native form.</summary>
/// <remarks>
/// RFC 9580 sections 5.2.3.4 and 5.2.3.5: R ‖ S, and a hash of at least 256 bits for Ed25519, 512 for Ed448, or the signature is
/// rejected.
/// </remarks>
internal sealed class EdDsaKey : VerificationKey
{
    private readonly PublicKeyAlgorithm _algorithm;
    private readonly EdDsaPoint _point;

    private EdDsaKey(PublicKeyAlgorithm algorithm, EdDsaPoint point)
    {
        _algorithm = algorithm;
        _point = point;
    }

    /// <inheritdoc/>
    protected override int MinDigestLength => _algorithm == PublicKeyAlgorithm.Ed25519 ? 32 : 64;

    /// <inheritdoc/>
    protected override bool TakesShortDigests => true;

    /// <summary>Imports the point, and nothing behind it.</summary>
    public static EdDsaKey? TryImport(PublicKeyAlgorithm algorithm, ReadOnlySpan<byte> material, Libraries libraries)
    {
        EdDsaPoint? point = algorithm == PublicKeyAlgorithm.Ed25519
            ? Ed25519Point.TryImport(material, libraries)
            : Ed448Point.TryImport(material);
        return point is null ? null : new EdDsaKey(algorithm, point);
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) => algorithm == _algorithm;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        int length = 2 * _point.Length;
        if (material.Length < length || !_point.Verify(digest, material[..length]))
            return SignatureVerdict.Invalid;
        return material.Length == length ? SignatureVerdict.Valid : SignatureVerdict.ValidNotCanonical;
    }
}
