namespace Sks.OpenPgp.Verification;

/// <summary>What a key says of a signature's numbers.</summary>
internal enum SignatureVerdict
{
    /// <summary>They do not verify, are out of range, or do not belong to the key's algorithm.</summary>
    Invalid,

    /// <summary>They verify, and are written as the standard asks.</summary>
    Valid,

    /// <summary>They verify, but integers have leading zero bits, a wrong bit count, or something follows them.</summary>
    ValidNotCanonical,
}
