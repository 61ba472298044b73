namespace Sks.OpenPgp;

/// <summary>What verification found about one signature where it stands. Kept in the store: the values are frozen.</summary>
/// <remarks>
/// A verdict is a fact about bytes, the same on every machine and under every policy. When the rules by which it is found change,
/// <see cref="CertificateExamination.RulesVersion"/> does, and older verdicts count as <see cref="NotExamined"/>.
/// </remarks>
[Flags]
public enum PacketVerdict : byte
{
    /// <summary>Nobody looked, or it is no signature.</summary>
    NotExamined = 0,

    /// <summary>It cannot be read, has no place where it stands, or uses a hash that is not known.</summary>
    Unusable = 1,

    /// <summary>The first 16 bits of its hash are wrong: whoever made it did not sign this.</summary>
    WrongHashTag = 2,

    /// <summary>The hash fits, and it claims to be by another key. What that is worth depends on that key.</summary>
    ByOther = 3,

    /// <summary>The hash fits, and it claims to be by the certificate's own key, but is not.</summary>
    Refuted = 4,

    /// <summary>The certificate's own key made it.</summary>
    Proven = 5,

    /// <summary>Which of the above.</summary>
    OutcomeMask = 0x0F,

    /// <summary>Besides <see cref="Proven"/>, on a binding: the subkey accepts the primary key.</summary>
    BackSigned = 0x10,

    /// <summary>Besides <see cref="Proven"/>: its numbers, or its back-signature's, are not written as the standard asks.</summary>
    NotCanonical = 0x20,

    /// <summary>
    /// Besides <see cref="WrongHashTag"/> or <see cref="Refuted"/>, on a version 4 signature: the certificate's own key made it all the same, and only those 16 bits are
    /// wrong or the hash is shorter than the standard asks of the key. Dialects that do not look at that keep it.
    /// </summary>
    ProvenLoosely = 0x40,

    /// <summary>
    /// On what the certificate's own key says of a subkey: a back-signature's numbers verify, whether or not its hash was too weak by then or too short, or its first 16 bits are wrong.
    /// Whatever has <see cref="BackSigned"/> has this.
    /// </summary>
    BackSignedLoosely = 0x80,
}
