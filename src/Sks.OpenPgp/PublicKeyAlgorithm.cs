namespace Sks.OpenPgp;

/// <summary>Public-key algorithms by their number on the wire. Sources: RFC 9580 section 9.1, RFC 9980.</summary>
/// <remarks>Subkeys of other algorithms are not in clean views: a new member needs a new policy version.</remarks>
public enum PublicKeyAlgorithm : byte
{
    /// <summary>RSA for everything.</summary>
    Rsa = 1,

    /// <summary>RSA for encryption only; deprecated.</summary>
    RsaEncryptOnly = 2,

    /// <summary>RSA for signatures only; deprecated.</summary>
    RsaSignOnly = 3,

    /// <summary>ElGamal encryption.</summary>
    ElGamal = 16,

    /// <summary>DSA.</summary>
    Dsa = 17,

    /// <summary>ECDH, curve by object identifier.</summary>
    Ecdh = 18,

    /// <summary>ECDSA, curve by object identifier.</summary>
    Ecdsa = 19,

    /// <summary>ElGamal for encryption and signatures; withdrawn.</summary>
    ElGamalSign = 20,

    /// <summary>EdDSA in its version 4 form, curve by object identifier.</summary>
    EdDsaLegacy = 22,

    /// <summary>X25519 in its native form.</summary>
    X25519 = 25,

    /// <summary>X448 in its native form.</summary>
    X448 = 26,

    /// <summary>Ed25519 in its native form.</summary>
    Ed25519 = 27,

    /// <summary>Ed448 in its native form.</summary>
    Ed448 = 28,

    /// <summary>ML-DSA-65 and Ed25519 together.</summary>
    MlDsa65Ed25519 = 30,

    /// <summary>ML-DSA-87 and Ed448 together.</summary>
    MlDsa87Ed448 = 31,

    /// <summary>SLH-DSA-SHAKE-128s.</summary>
    SlhDsaShake128s = 32,

    /// <summary>SLH-DSA-SHAKE-128f.</summary>
    SlhDsaShake128f = 33,

    /// <summary>SLH-DSA-SHAKE-256s.</summary>
    SlhDsaShake256s = 34,

    /// <summary>ML-KEM-768 and X25519 together.</summary>
    MlKem768X25519 = 35,

    /// <summary>ML-KEM-1024 and X448 together.</summary>
    MlKem1024X448 = 36,
}
