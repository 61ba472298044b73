using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>ECDSA on a named curve. Its random number is RFC 6979's.</summary>
internal sealed class EcdsaKeyPair : KeyPair
{
    private readonly ECPrivateKeyParameters _key;
    private readonly EcdsaCurve _curve;

    public EcdsaKeyPair(EcdsaCurve curve, byte[] secret)
    {
        _curve = curve;
        X9ECParameters parameters = ECNamedCurveTable.GetByName(curve.Name);
        var domain = new ECDomainParameters(parameters);
        BigInteger d = new BigInteger(1, secret).Mod(domain.N.Subtract(BigInteger.One)).Add(BigInteger.One);
        _key = new ECPrivateKeyParameters(d, domain);
        byte[] point = domain.G.Multiply(d).Normalize().GetEncoded(compressed: false);
        Material = [(byte)curve.Oid.Length, .. curve.Oid, .. Integer.Write(point)];
    }

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm => PublicKeyAlgorithm.Ecdsa;

    /// <inheritdoc/>
    public override byte[] Material { get; }

    /// <inheritdoc/>
    public override SignatureHash Hash => _curve.Hash;

    /// <inheritdoc/>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, _key);
        byte[][] numbers = [.. signer.GenerateSignature(digest).Select(static number => number.ToByteArrayUnsigned())];
        return new SignatureValue(numbers, IsNative: false, Integer.Value(_key.Parameters.N.ToByteArrayUnsigned()), IsLittleEndian: false);
    }
}
