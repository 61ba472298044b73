namespace Sks.TestSupport.Signing;

/// <summary>How the numbers of a signature are written; all but the first are what a careful reader does not take for the first.</summary>
public enum SignatureForm
{
    /// <summary>As the standard asks.</summary>
    Canonical,

    /// <summary>The last bit of the last number is wrong: verifies nowhere.</summary>
    Corrupted,

    /// <summary>Ed25519: numbers of the right size that cost nothing and verify nowhere; the hash tag is right.</summary>
    Junk,

    /// <summary>All numbers are 0.</summary>
    Zero,

    /// <summary>A zero byte in front of each integer, counted in its length.</summary>
    LeadingZeroByte,

    /// <summary>Each integer has a wrong bit count that needs as many bytes as the right one.</summary>
    WrongBitCount,

    /// <summary>One byte follows the last number.</summary>
    TrailingByte,

    /// <summary>ECDSA and DSA: (r, n - s) instead of (r, s). For ECDSA it verifies as well.</summary>
    NegatedS,

    /// <summary>The last number plus the order of the group, where a number that large can be written.</summary>
    AboveOrder,
}
