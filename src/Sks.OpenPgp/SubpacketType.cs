namespace Sks.OpenPgp;

/// <summary>Signature subpackets that indexes read. Source: RFC 9580 section 5.2.3.7.</summary>
public enum SubpacketType : byte
{
    /// <summary>When the signature was made.</summary>
    CreationTime = 2,

    /// <summary>Seconds after which the signature expires.</summary>
    SignatureExpiration = 3,

    /// <summary>Whether the signature may leave the keyring it was made in.</summary>
    Exportable = 4,

    /// <summary>Seconds after the key's creation when the key expires.</summary>
    KeyExpiration = 9,

    /// <summary>Key ID of the signer.</summary>
    Issuer = 16,

    /// <summary>Marks the user ID that its owner wants shown first.</summary>
    PrimaryUserId = 25,

    /// <summary>Fingerprint of the signer, behind one byte of its version.</summary>
    IssuerFingerprint = 33,
}
