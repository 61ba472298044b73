namespace Sks.OpenPgp;

/// <summary>Signature subpackets that are known here. Source: RFC 9580 section 5.2.3.7.</summary>
/// <remarks>
/// A signature with a critical subpacket of any other type is not valid: a new member changes which ones are, and so what clean views hold. It
/// needs a new policy version.
/// </remarks>
public enum SubpacketType : byte
{
    /// <summary>When the signature was made.</summary>
    CreationTime = 2,

    /// <summary>Seconds after which the signature expires.</summary>
    SignatureExpiration = 3,

    /// <summary>Whether the signature may leave the keyring it was made in.</summary>
    Exportable = 4,

    /// <summary>How far the signer trusts the owner to certify others.</summary>
    Trust = 5,

    /// <summary>Limits what a trust signature covers.</summary>
    RegularExpression = 6,

    /// <summary>Whether the signature may be revoked.</summary>
    Revocable = 7,

    /// <summary>Seconds after the key's creation when the key expires.</summary>
    KeyExpiration = 9,

    /// <summary>Ciphers that the owner prefers.</summary>
    PreferredCiphers = 11,

    /// <summary>A key that may revoke this one.</summary>
    RevocationKey = 12,

    /// <summary>Key ID of the signer.</summary>
    Issuer = 16,

    /// <summary>A name and a value that mean something to somebody.</summary>
    Notation = 20,

    /// <summary>Hashes that the owner prefers.</summary>
    PreferredHashes = 21,

    /// <summary>Compressions that the owner prefers.</summary>
    PreferredCompressions = 22,

    /// <summary>What the owner asks of key servers.</summary>
    KeyServerPreferences = 23,

    /// <summary>Where the owner publishes the certificate.</summary>
    PreferredKeyServer = 24,

    /// <summary>Marks the user ID that its owner wants shown first.</summary>
    PrimaryUserId = 25,

    /// <summary>Where the rules are that the signature was made by.</summary>
    PolicyUri = 26,

    /// <summary>What the key may be used for.</summary>
    KeyFlags = 27,

    /// <summary>The user ID that the signer acted as.</summary>
    SignerUserId = 28,

    /// <summary>Why something is revoked: a code, then text.</summary>
    RevocationReason = 29,

    /// <summary>What the owner's software can do.</summary>
    Features = 30,

    /// <summary>The signature that this one is about.</summary>
    SignatureTarget = 31,

    /// <summary>A whole signature, such as a subkey's acceptance of its primary key.</summary>
    EmbeddedSignature = 32,

    /// <summary>Fingerprint of the signer, behind one byte of its version.</summary>
    IssuerFingerprint = 33,

    /// <summary>Modes and ciphers that the owner prefers together; an early form.</summary>
    PreferredAead = 34,

    /// <summary>Fingerprint of the key that the message was meant for.</summary>
    IntendedRecipient = 35,

    /// <summary>Digests of the third-party certifications that the owner wants distributed.</summary>
    AttestedCertifications = 37,

    /// <summary>Modes and ciphers that the owner prefers together.</summary>
    PreferredAeadCiphersuites = 39,
}
