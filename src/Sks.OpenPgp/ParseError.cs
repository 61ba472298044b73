namespace Sks.OpenPgp;

/// <summary>Why bytes could not be read. The values are stable: they name counters and appear in APIs.</summary>
public enum ParseErrorCode
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>A byte that cannot begin a packet stands where one must begin.</summary>
    BadHeader = 1,

    /// <summary>An indeterminate or partial length, which no packet of a certificate may have.</summary>
    UnsupportedLength = 2,

    /// <summary>The input ends inside a packet.</summary>
    Truncated = 3,

    /// <summary>A packet claims more than the limit.</summary>
    PacketTooLarge = 4,

    /// <summary>A certificate is larger, or has more packets, than the limit.</summary>
    CertificateTooLarge = 5,

    /// <summary>There is no primary key packet before these packets.</summary>
    NoPrimaryKey = 6,

    /// <summary>A revocation without the key it revokes.</summary>
    StandaloneRevocation = 7,

    /// <summary>Secret key material: it must never be sent to a keyserver.</summary>
    SecretKey = 8,

    /// <summary>A key packet of a version nobody here knows.</summary>
    UnsupportedKeyVersion = 9,

    /// <summary>A key packet whose fields do not fit its length.</summary>
    MalformedKey = 10,

    /// <summary>A packet of a type or in a place that a certificate does not allow.</summary>
    UnexpectedPacket = 11,

    /// <summary>Text that announces armor but does not hold it.</summary>
    BadArmor = 12,

    /// <summary>Nothing that looks like OpenPGP data at all.</summary>
    NoData = 13,
}

/// <summary>Why bytes could not be read, and where.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Offset">Byte offset from the start of what was given to the reader.</param>
public readonly record struct ParseError(ParseErrorCode Code, long Offset);
