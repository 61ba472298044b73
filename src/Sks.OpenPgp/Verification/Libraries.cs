namespace Sks.OpenPgp.Verification;

/// <summary>Whose arithmetic a key may use.</summary>
internal enum Libraries
{
    /// <summary>The system's and libsodium where they are faster, and our own where they say no or are missing.</summary>
    System,

    /// <summary>Managed code alone, as where the system's library refuses everything.</summary>
    Managed,
}
