using System.Numerics;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>Ed448 in its native form. Source: RFC 9580 sections 5.2.3.5 and 5.5.5.10.</summary>
internal sealed class Ed448KeyPair : KeyPair
{
    /// <summary>Bytes of the secret.</summary>
    public const int SecretLength = 57;

    private const int SignatureLength = 114;

    private static readonly BigInteger Order = BigInteger.Pow(2, 446) - BigInteger.Parse(
        "13818066809895115352007386748515426880336692474882178609894547503885", System.Globalization.CultureInfo.InvariantCulture);

    private readonly Ed448PrivateKeyParameters _key;

    public Ed448KeyPair(byte[] secret)
    {
        _key = new Ed448PrivateKeyParameters(secret);
        Material = _key.GeneratePublicKey().GetEncoded();
    }

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm => PublicKeyAlgorithm.Ed448;

    /// <inheritdoc/>
    public override byte[] Material { get; }

    /// <inheritdoc/>
    public override SignatureHash Hash => SignatureHash.Sha512;

    /// <inheritdoc/>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest)
    {
        var value = new byte[SignatureLength];
        _key.Sign(Ed448.Algorithm.Ed448, [], digest, 0, digest.Length, value, 0);
        return new SignatureValue([value], IsNative: true, Order, IsLittleEndian: true);
    }
}
