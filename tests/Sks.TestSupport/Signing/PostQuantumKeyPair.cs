using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>A key of RFC 9980: ML-DSA behind an Edwards curve, or SLH-DSA-SHAKE alone. Pure, with an empty context, over the digest.</summary>
internal sealed class PostQuantumKeyPair : KeyPair
{
    private readonly KeyPair? _edwards;
    private readonly Func<ISigner> _signer;

    private PostQuantumKeyPair(PublicKeyAlgorithm algorithm, KeyPair? edwards, byte[] publicKey, Func<ISigner> signer)
    {
        Algorithm = algorithm;
        _edwards = edwards;
        _signer = signer;
        Material = [.. edwards?.Material ?? [], .. publicKey];
    }

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm { get; }

    /// <inheritdoc/>
    public override byte[] Material { get; }

    /// <inheritdoc/>
    public override SignatureHash Hash => SignatureHash.Sha512;

    /// <summary>The composite of an Edwards curve and ML-DSA.</summary>
    /// <param name="algorithm">Number on the wire.</param>
    /// <param name="edwards">The key that stands first.</param>
    /// <param name="parameters">The size of the second.</param>
    /// <param name="secret">32 bytes.</param>
    public static PostQuantumKeyPair MlDsa(PublicKeyAlgorithm algorithm, KeyPair edwards, MLDsaParameters parameters, byte[] secret)
    {
        var key = MLDsaPrivateKeyParameters.FromSeed(parameters, secret);
        return new PostQuantumKeyPair(
            algorithm, edwards, key.GetPublicKey().GetEncoded(), () => Init(new MLDsaSigner(parameters, deterministic: true), key));
    }

    /// <summary>SLH-DSA-SHAKE.</summary>
    /// <param name="algorithm">Number on the wire.</param>
    /// <param name="parameters">Which.</param>
    /// <param name="secret">What the key is drawn from.</param>
    public static PostQuantumKeyPair SlhDsa(PublicKeyAlgorithm algorithm, SlhDsaParameters parameters, byte[] secret)
    {
        var random = new DigestRandomGenerator(new Sha512Digest());
        random.AddSeedMaterial(secret);
        var generator = new SlhDsaKeyPairGenerator();
        generator.Init(new SlhDsaKeyGenerationParameters(new SecureRandom(random), parameters));
        AsymmetricCipherKeyPair pair = generator.GenerateKeyPair();
        return new PostQuantumKeyPair(
            algorithm, null, ((SlhDsaPublicKeyParameters)pair.Public).GetEncoded(), () => Init(new SlhDsaSigner(parameters, deterministic: true), pair.Private));
    }

    /// <inheritdoc/>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest)
    {
        ISigner signer = _signer();
        signer.BlockUpdate(digest, 0, digest.Length);
        byte[] first = _edwards?.Sign(hash, digest).Write(SignatureForm.Canonical) ?? [];
        return new SignatureValue([[.. first, .. signer.GenerateSignature()]], IsNative: true, Order: null, IsLittleEndian: true);
    }

    private static ISigner Init(ISigner signer, ICipherParameters key)
    {
        signer.Init(forSigning: true, key);
        return signer;
    }
}
