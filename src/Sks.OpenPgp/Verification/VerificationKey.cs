namespace Sks.OpenPgp.Verification;

/// <summary>A public key made ready to verify signatures: imported once, used for all of a certificate's signatures.</summary>
/// <remarks>
/// <para>The verdict is a function of its arguments alone, on every platform. What is in range, on the curve and long enough is decided
/// here; a system library is asked only where its yes cannot be wrong, and its no is checked by portable arithmetic, because its version
/// or the system's policy may refuse what is sound.</para>
/// <para>Not thread-safe: one thread at a time.</para>
/// </remarks>
internal abstract class VerificationKey : IDisposable
{
    /// <summary>Least bytes of a digest that this key's algorithm takes.</summary>
    protected abstract int MinDigestLength { get; }

    /// <summary>Imports a key.</summary>
    /// <returns>Null when its algorithm does not sign, its curve is unknown, or its material is out of bounds. Never throws.</returns>
    /// <remarks>
    /// Versions 2 and 3 know RSA only (RFC 9580 section 5.5.2.2), the curves named by object identifier that are called legacy belong to
    /// version 4 (section 9.2), and the algorithms of RFC 9980 that sign belong to version 6 (its sections 5.3.2 and 6.2.2).
    /// </remarks>
    public static VerificationKey? TryImport(PublicKeyPacket key) => TryImport(key, Libraries.System);

    /// <summary>Imports a key that asks the given libraries. No verdict depends on which.</summary>
    public static VerificationKey? TryImport(PublicKeyPacket key, Libraries libraries)
    {
        ReadOnlySpan<byte> material = key.Material.Span;
        return key.Algorithm switch
        {
            PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly => RsaKey.TryImport(material, libraries),
            PublicKeyAlgorithm.Dsa when key.Version >= 4 => DsaKey.TryImport(material),
            PublicKeyAlgorithm.Ecdsa when key.Version >= 4 => EcdsaKey.TryImport(key.Curve, material, libraries),
            PublicKeyAlgorithm.EdDsaLegacy when key.Version == 4 => EdDsaLegacyKey.TryImport(key.Curve, material, libraries),
            PublicKeyAlgorithm.Ed25519 or PublicKeyAlgorithm.Ed448 when key.Version >= 4 =>
                EdDsaKey.TryImport(key.Algorithm, material, libraries),
            PublicKeyAlgorithm.MlDsa65Ed25519 or PublicKeyAlgorithm.MlDsa87Ed448 when key.Version == 6 =>
                MlDsaKey.TryImport(key.Algorithm, material, libraries),
            PublicKeyAlgorithm.SlhDsaShake128s or PublicKeyAlgorithm.SlhDsaShake128f or PublicKeyAlgorithm.SlhDsaShake256s
                when key.Version == 6 => SlhDsaKey.TryImport(key.Algorithm, material),
            _ => null,
        };
    }

    /// <summary>Whether the key says something sensible of digests that are shorter than they may be.</summary>
    protected virtual bool TakesShortDigests => false;

    /// <summary>Verifies a signature. Never throws.</summary>
    /// <param name="algorithm">The algorithm that the signature names; RSA 1 and 3 fit either RSA key, others only their own.</param>
    /// <param name="hash">The hash that the signature names.</param>
    /// <param name="digest">The digest of what is signed, exactly as long as the hash says.</param>
    /// <param name="material">What follows the 16 bits of the digest in the packet, in version 6 what follows the salt.</param>
    public SignatureVerdict Verify(
        PublicKeyAlgorithm algorithm, SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        SignatureVerdict verdict = Verify(algorithm, hash, digest, material, out bool isShort);
        return isShort ? SignatureVerdict.Invalid : verdict;
    }

    /// <summary>Verifies a signature, also where the digest is shorter than the standard asks for. Never throws.</summary>
    /// <inheritdoc cref="Verify(PublicKeyAlgorithm, SignatureHash, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    /// <param name="isShort">Whether it is shorter: then the signature is not to be believed, whatever the verdict.</param>
    public SignatureVerdict Verify(
        PublicKeyAlgorithm algorithm, SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material, out bool isShort)
    {
        isShort = digest.Length < MinDigestLength;
        return Fits(algorithm) && digest.Length == SignatureHashes.GetLength(hash) && (!isShort || TakesShortDigests) && !digest.IsEmpty
            ? Verify(hash, digest, material)
            : SignatureVerdict.Invalid;
    }

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Whether a signature of this algorithm may be this key's.</summary>
    protected abstract bool Fits(PublicKeyAlgorithm algorithm);

    /// <summary>Verifies a signature whose algorithm fits and whose digest has the length of its hash.</summary>
    protected abstract SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material);
}
