using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Sks.OpenPgp.Verification;

/// <summary>A composite key of EdDSA and ML-DSA, verified by the managed library for ML-DSA.</summary>
/// <remarks>
/// RFC 9980 section 5: both sign the digest itself, pure and with an empty context; key and signature are the two parts one after the
/// other, EdDSA first; both must verify; a hash of fewer than 256 bits is rejected, for either parameter set. ML-DSA's encodings have
/// one form each (FIPS 204 algorithm 21 refuses others), so only bytes behind them can be out of form.
/// </remarks>
internal sealed class MlDsaKey : VerificationKey
{
    private readonly PublicKeyAlgorithm _algorithm;
    private readonly EdDsaPoint _point;
    private readonly MLDsaSigner _verifier;
    private readonly int _signatureLength;

    private MlDsaKey(PublicKeyAlgorithm algorithm, EdDsaPoint point, MLDsaSigner verifier)
    {
        _algorithm = algorithm;
        _point = point;
        _verifier = verifier;
        _signatureLength = algorithm == PublicKeyAlgorithm.MlDsa65Ed25519 ? 3309 : 4627;
    }

    /// <inheritdoc/>
    protected override int MinDigestLength => 32;

    /// <summary>Imports both public keys, and nothing behind them.</summary>
    public static MlDsaKey? TryImport(PublicKeyAlgorithm algorithm, ReadOnlySpan<byte> material, Libraries libraries)
    {
        bool isSmaller = algorithm == PublicKeyAlgorithm.MlDsa65Ed25519;
        int pointLength = isSmaller ? Ed25519Point.PointLength : Ed448Point.PointLength;
        int keyLength = isSmaller ? 1952 : 2592;
        if (material.Length != pointLength + keyLength)
            return null;

        EdDsaPoint? point = isSmaller
            ? Ed25519Point.TryImport(material[..pointLength], libraries)
            : Ed448Point.TryImport(material[..pointLength]);
        if (point is null)
            return null;
        MLDsaParameters parameters = isSmaller ? MLDsaParameters.ml_dsa_65 : MLDsaParameters.ml_dsa_87;
        var verifier = new MLDsaSigner(parameters, deterministic: true);
        verifier.Init(forSigning: false, MLDsaPublicKeyParameters.FromEncoding(parameters, material[pointLength..].ToArray()));
        return new MlDsaKey(algorithm, point, verifier);
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) => algorithm == _algorithm;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        int first = 2 * _point.Length;
        int length = first + _signatureLength;
        if (material.Length < length || !_point.Verify(digest, material[..first]))
            return SignatureVerdict.Invalid;
        _verifier.Reset();
        _verifier.BlockUpdate(digest);
        if (!_verifier.VerifySignature(material[first..length].ToArray()))
            return SignatureVerdict.Invalid;
        return material.Length == length ? SignatureVerdict.Valid : SignatureVerdict.ValidNotCanonical;
    }
}
