using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Sks.OpenPgp.Verification;

/// <summary>A key of SLH-DSA-SHAKE, verified by the managed library.</summary>
/// <remarks>
/// RFC 9980 section 6: it signs the digest itself, pure and with an empty context; key and signature have fixed lengths; a hash of fewer
/// than 256 bits is rejected.
/// </remarks>
internal sealed class SlhDsaKey : VerificationKey
{
    private readonly PublicKeyAlgorithm _algorithm;
    private readonly SlhDsaSigner _verifier;
    private readonly int _signatureLength;

    private SlhDsaKey(PublicKeyAlgorithm algorithm, SlhDsaSigner verifier, int signatureLength)
    {
        _algorithm = algorithm;
        _verifier = verifier;
        _signatureLength = signatureLength;
    }

    /// <inheritdoc/>
    protected override int MinDigestLength => 32;

    /// <summary>Imports the public key, and nothing behind it.</summary>
    public static SlhDsaKey? TryImport(PublicKeyAlgorithm algorithm, ReadOnlySpan<byte> material)
    {
        (SlhDsaParameters parameters, int keyLength, int signatureLength) = algorithm switch
        {
            PublicKeyAlgorithm.SlhDsaShake128s => (SlhDsaParameters.slh_dsa_shake_128s, 32, 7856),
            PublicKeyAlgorithm.SlhDsaShake128f => (SlhDsaParameters.slh_dsa_shake_128f, 32, 17088),
            _ => (SlhDsaParameters.slh_dsa_shake_256s, 64, 29792),
        };
        if (material.Length != keyLength)
            return null;
        var verifier = new SlhDsaSigner(parameters, deterministic: true);
        verifier.Init(forSigning: false, SlhDsaPublicKeyParameters.FromEncoding(parameters, material.ToArray()));
        return new SlhDsaKey(algorithm, verifier, signatureLength);
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) => algorithm == _algorithm;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        if (material.Length < _signatureLength)
            return SignatureVerdict.Invalid;
        _verifier.Reset();
        _verifier.BlockUpdate(digest);
        if (!_verifier.VerifySignature(material[.._signatureLength].ToArray()))
            return SignatureVerdict.Invalid;
        return material.Length == _signatureLength ? SignatureVerdict.Valid : SignatureVerdict.ValidNotCanonical;
    }
}
