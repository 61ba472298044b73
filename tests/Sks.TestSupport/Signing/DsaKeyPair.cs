using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>DSA with 2,048 and 256 bits, all in one group. Its random number is RFC 6979's.</summary>
internal sealed class DsaKeyPair : KeyPair
{
    private static readonly DsaParameters Group = new(Number(KeyNumbers.DsaPrime), Number(KeyNumbers.DsaOrder), Number(KeyNumbers.DsaGenerator));

    private readonly DsaPrivateKeyParameters _key;

    public DsaKeyPair(byte[] secret)
    {
        BigInteger x = new BigInteger(1, secret).Mod(Group.Q.Subtract(BigInteger.One)).Add(BigInteger.One);
        _key = new DsaPrivateKeyParameters(x, Group);
        BigInteger[] numbers = [Group.P, Group.Q, Group.G, Group.G.ModPow(x, Group.P)];
        Material = [.. numbers.SelectMany(static number => Integer.Write(number.ToByteArrayUnsigned()))];
    }

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm => PublicKeyAlgorithm.Dsa;

    /// <inheritdoc/>
    public override byte[] Material { get; }

    /// <inheritdoc/>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest)
    {
        var signer = new DsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, _key);
        byte[][] numbers = [.. signer.GenerateSignature(digest).Select(static number => number.ToByteArrayUnsigned())];
        return new SignatureValue(numbers, IsNative: false, Integer.Value(Group.Q.ToByteArrayUnsigned()), IsLittleEndian: false);
    }

    private static BigInteger Number(string lines) => new(lines.ReplaceLineEndings(""), 16);
}
