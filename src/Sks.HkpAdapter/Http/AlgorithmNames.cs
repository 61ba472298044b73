using System.Globalization;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What algorithms are called.</summary>
internal static class AlgorithmNames
{
    /// <summary>The name of <paramref name="algorithm"/>.</summary>
    public static string Of(PublicKeyAlgorithm algorithm) => algorithm switch
    {
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly or PublicKeyAlgorithm.RsaSignOnly => "RSA",
        PublicKeyAlgorithm.ElGamal or PublicKeyAlgorithm.ElGamalSign => "ElGamal",
        PublicKeyAlgorithm.Dsa => "DSA",
        PublicKeyAlgorithm.Ecdh => "ECDH",
        PublicKeyAlgorithm.Ecdsa => "ECDSA",
        PublicKeyAlgorithm.EdDsaLegacy => "EdDSA",
        PublicKeyAlgorithm.X25519 => "X25519",
        PublicKeyAlgorithm.X448 => "X448",
        PublicKeyAlgorithm.Ed25519 => "Ed25519",
        PublicKeyAlgorithm.Ed448 => "Ed448",
        _ => "algorithm " + ((byte)algorithm).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Algorithm and size or curve, for people.</summary>
    public static string Describe(PublicKeyPacket key) => (Of(key.Algorithm), key.Curve, key.BitLength) switch
    {
        ("EdDSA", { Name: "Ed25519" }, _) => "Ed25519",
        ("ECDH", { Name: "Curve25519" }, _) => "X25519",
        (var name, { } curve, _) => $"{name} {curve.Name}",
        (var name, null, > 0 and int bits) when HasVariableSize(key.Algorithm) => string.Create(CultureInfo.InvariantCulture, $"{name} {bits}"),
        (var name, _, _) => name,
    };

    private static bool HasVariableSize(PublicKeyAlgorithm algorithm) => algorithm
        is PublicKeyAlgorithm.Rsa
        or PublicKeyAlgorithm.RsaEncryptOnly
        or PublicKeyAlgorithm.RsaSignOnly
        or PublicKeyAlgorithm.ElGamal
        or PublicKeyAlgorithm.ElGamalSign
        or PublicKeyAlgorithm.Dsa;
}
