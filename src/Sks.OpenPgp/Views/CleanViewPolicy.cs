namespace Sks.OpenPgp;

/// <summary>The constants that shape the clean view. Never options: all nodes that agree on the version agree on every view.</summary>
/// <remarks>A change of any value, or of the code that applies them, is a new <see cref="Version"/>.</remarks>
public sealed record CleanViewPolicy
{
    /// <summary>Longest user ID, in bytes; GnuPG reads no longer ones.</summary>
    public const int MaxUserIdBytes = 2048;

    /// <summary>Nothing on a longer user ID, in bytes, is verified. More than a policy keeps, as dialects keep more.</summary>
    public const int MaxVerifiedUserIdBytes = 8192;

    /// <summary>Largest user attribute, in bytes. Nothing on a larger one is verified under any policy.</summary>
    public const int MaxAttributeBytes = 64 * 1024;

    /// <summary>Largest subkey packet, in bytes. Nothing on a larger one is verified under any policy.</summary>
    public const int MaxSubkeyBytes = 64 * 1024;

    /// <summary>The policy that is served.</summary>
    public static CleanViewPolicy Current { get; } = new();

    /// <summary>Number of the policy; part of every <see cref="ContentDigest"/>.</summary>
    public int Version { get; init; } = 1;

    /// <summary>User IDs that are kept, those with the newest self-signatures.</summary>
    public int MaxUserIds { get; init; } = 100;

    /// <summary>User attributes that are kept, those with the newest self-signatures.</summary>
    public int MaxAttributes { get; init; } = 16;

    /// <summary>Subkeys that are kept, those with the newest self-signatures.</summary>
    public int MaxSubkeys { get; init; } = 100;

    /// <summary>Self-signatures that are kept on one component, the newest.</summary>
    public int MaxSelfSignatures { get; init; } = 16;

    /// <summary>Revocations by the key itself that are kept on one component, hard ones first, then the newest.</summary>
    public int MaxOwnRevocations { get; init; } = 16;

    /// <summary>Lists of attested certifications that are kept on one component, of those made at the latest time.</summary>
    public int MaxAttestations { get; init; } = 16;

    /// <summary>Revocations of the key, or of one subkey, that are kept because they name a designated revoker.</summary>
    public int MaxDesignatedRevocations { get; init; } = 16;

    /// <summary>Third-party signatures that are kept on one component besides attested ones.</summary>
    public int MaxThirdPartySignatures { get; init; } = 200;

    /// <summary>Largest third-party signature, in bytes.</summary>
    public int MaxThirdPartySignatureBytes { get; init; } = 2048;

    /// <summary>Most bytes of notations in the hashed area of one signature.</summary>
    public int MaxNotationBytes { get; init; } = 4096;

    /// <summary>A variant of a signature with a larger unhashed area, in bytes, loses to any other.</summary>
    public int MaxUnhashedBytes { get; init; } = 4096;
}
