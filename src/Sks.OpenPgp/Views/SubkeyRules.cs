namespace Sks.OpenPgp;

/// <summary>Which subkeys a primary key can have, and which must agree to it.</summary>
internal static class SubkeyRules
{
    private const byte CanSign = 0x02;

    /// <summary>Whether the subkey's version and algorithm are known, and go with the primary key's.</summary>
    public static bool Admit(PublicKeyPacket subkey, PublicKeyPacket primaryKey) =>
        subkey.Version == primaryKey.Version
        && Enum.IsDefined(subkey.Algorithm)
        && (subkey.Version == 6 || subkey.Algorithm is < PublicKeyAlgorithm.MlDsa65Ed25519 or PublicKeyAlgorithm.MlKem768X25519);

    /// <summary>Whether a binding needs the subkey's own signature: without it anybody could adopt anybody's signing subkey.</summary>
    public static bool NeedsBackSignature(SignaturePacket binding, PublicKeyPacket subkey) =>
        binding.KeyFlags is { } flags ? (flags & CanSign) != 0 : CanSignByAlgorithm(subkey.Algorithm);

    private static bool CanSignByAlgorithm(PublicKeyAlgorithm algorithm) => algorithm is
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly or PublicKeyAlgorithm.Dsa or PublicKeyAlgorithm.Ecdsa
        or PublicKeyAlgorithm.ElGamalSign or PublicKeyAlgorithm.EdDsaLegacy or PublicKeyAlgorithm.Ed25519 or PublicKeyAlgorithm.Ed448
        or PublicKeyAlgorithm.MlDsa65Ed25519 or PublicKeyAlgorithm.MlDsa87Ed448
        or PublicKeyAlgorithm.SlhDsaShake128s or PublicKeyAlgorithm.SlhDsaShake128f or PublicKeyAlgorithm.SlhDsaShake256s;
}
