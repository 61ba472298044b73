namespace Sks.OpenPgp.Verification;

/// <summary>Hash algorithms of signatures. Source: RFC 9580 section 9.5.</summary>
public enum SignatureHash : byte
{
    /// <summary>MD5, 16 bytes.</summary>
    Md5 = 1,

    /// <summary>SHA-1, 20 bytes.</summary>
    Sha1 = 2,

    /// <summary>RIPEMD-160, 20 bytes.</summary>
    RipeMd160 = 3,

    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256 = 8,

    /// <summary>SHA-384, 48 bytes.</summary>
    Sha384 = 9,

    /// <summary>SHA-512, 64 bytes.</summary>
    Sha512 = 10,

    /// <summary>SHA-224, 28 bytes.</summary>
    Sha224 = 11,

    /// <summary>SHA3-256, 32 bytes.</summary>
    Sha3Of256 = 12,

    /// <summary>SHA3-512, 64 bytes.</summary>
    Sha3Of512 = 14,
}
