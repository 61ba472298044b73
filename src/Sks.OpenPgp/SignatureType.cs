namespace Sks.OpenPgp;

/// <summary>What a signature says. Source: RFC 9580 section 5.2.1.</summary>
public enum SignatureType : byte
{
    /// <summary>Certification without a statement about care.</summary>
    GenericCertification = 0x10,

    /// <summary>Certification without any check.</summary>
    PersonaCertification = 0x11,

    /// <summary>Certification after a casual check.</summary>
    CasualCertification = 0x12,

    /// <summary>Certification after a careful check.</summary>
    PositiveCertification = 0x13,

    /// <summary>The owner's list of third-party certifications to distribute.</summary>
    Attestation = 0x16,

    /// <summary>The primary key adopts a subkey.</summary>
    SubkeyBinding = 0x18,

    /// <summary>A signing subkey accepts its primary key.</summary>
    PrimaryKeyBinding = 0x19,

    /// <summary>A statement about the key itself.</summary>
    DirectKey = 0x1F,

    /// <summary>The key is revoked.</summary>
    KeyRevocation = 0x20,

    /// <summary>A subkey is revoked.</summary>
    SubkeyRevocation = 0x28,

    /// <summary>A certification is revoked.</summary>
    CertificationRevocation = 0x30,
}
