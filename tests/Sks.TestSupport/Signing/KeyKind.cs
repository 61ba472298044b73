namespace Sks.TestSupport.Signing;

/// <summary>What a test key is made of.</summary>
public enum KeyKind
{
    /// <summary>Ed25519 as versions up to 4 write it: algorithm 22, integers.</summary>
    EdDsaLegacy,

    /// <summary>Ed25519 in its native form: algorithm 27.</summary>
    Ed25519,

    /// <summary>Ed448 in its native form: algorithm 28.</summary>
    Ed448,

    /// <summary>RSA, 2,048 bits. The only kind that versions 2 and 3 have.</summary>
    Rsa,

    /// <summary>DSA, 2,048 and 256 bits.</summary>
    Dsa,

    /// <summary>ECDSA on NIST P-256.</summary>
    EcdsaP256,

    /// <summary>ECDSA on NIST P-384.</summary>
    EcdsaP384,

    /// <summary>ECDSA on brainpoolP256r1.</summary>
    EcdsaBrainpoolP256,

    /// <summary>ECDSA on secp256k1.</summary>
    EcdsaSecp256k1,

    /// <summary>ML-DSA-65 behind Ed25519. Version 6 only, like all that follow up to SLH-DSA.</summary>
    MlDsa65Ed25519,

    /// <summary>ML-DSA-87 behind Ed448.</summary>
    MlDsa87Ed448,

    /// <summary>SLH-DSA-SHAKE-128s; signs in a second or so.</summary>
    SlhDsaShake128s,

    /// <summary>SLH-DSA-SHAKE-128f.</summary>
    SlhDsaShake128f,

    /// <summary>SLH-DSA-SHAKE-256s; signs in some seconds.</summary>
    SlhDsaShake256s,

    /// <summary>ECDH on Curve25519: encrypts, cannot sign.</summary>
    Curve25519,

    /// <summary>X25519 in its native form: encrypts, cannot sign.</summary>
    X25519,
}
