namespace Sks.OpenPgp.Verification;

/// <summary>An Ed25519 key in the form of version 4: curve by object identifier, everything else as integers.</summary>
/// <remarks>
/// RFC 9580 sections 5.5.5.5 and 5.2.3.3: the point has the prefix 0x40; R and S are integers over the native octets, so that leading
/// zeros are cut off; a hash of fewer than 256 bits is rejected. Ed448 has no such form in the standard, and gpg makes it in version 5
/// keys only.
/// </remarks>
internal sealed class EdDsaLegacyKey : VerificationKey
{
    private const byte NativePrefix = 0x40;

    private readonly Ed25519Point _point;

    private EdDsaLegacyKey(Ed25519Point point) => _point = point;

    /// <inheritdoc/>
    protected override int MinDigestLength => 32;

    /// <inheritdoc/>
    protected override bool TakesShortDigests => true;

    /// <summary>Imports the curve's object identifier and the point.</summary>
    public static EdDsaLegacyKey? TryImport(EllipticCurve? curve, ReadOnlySpan<byte> material, Libraries libraries)
    {
        if (curve?.Name != "Ed25519")
            return null;
        var reader = new IntegerReader(material[(1 + material[0])..]);
        return reader.TryRead(out ReadOnlySpan<byte> encoded) && reader.IsAtEnd
            && !encoded.IsEmpty && encoded[0] == NativePrefix
            && Ed25519Point.TryImport(encoded[1..], libraries) is { } point
                ? new EdDsaLegacyKey(point)
                : null;
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) => algorithm == PublicKeyAlgorithm.EdDsaLegacy;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        const int length = Ed25519Point.PointLength;
        Span<byte> signature = stackalloc byte[2 * length];
        signature.Clear();
        var reader = new IntegerReader(material);
        return TryReadHalf(ref reader, signature[..length])
            && TryReadHalf(ref reader, signature[length..])
            && _point.Verify(digest, signature)
                ? reader.Accept()
                : SignatureVerdict.Invalid;
    }

    private static bool TryReadHalf(ref IntegerReader reader, scoped Span<byte> half)
    {
        if (!reader.TryRead(out ReadOnlySpan<byte> value) || value.Length > half.Length)
            return false;
        value.CopyTo(half[^value.Length..]);
        return true;
    }
}
