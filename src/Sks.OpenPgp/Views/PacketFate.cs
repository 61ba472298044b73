namespace Sks.OpenPgp;

/// <summary>Whether a packet is in the clean view, and if not, why. The names appear in counters and explanations.</summary>
public enum PacketFate
{
    /// <summary>It is in the clean view.</summary>
    Kept = 0,

    /// <summary>A signature that cannot be read, has no place where it stands, or uses a hash that is not known.</summary>
    Unusable,

    /// <summary>The first 16 bits of its hash are wrong: it was not made over this.</summary>
    WrongHashTag,

    /// <summary>Only the owner can say this, and the owner did not.</summary>
    NotByOwner,

    /// <summary>Its maker marked it as not exportable.</summary>
    NotExportable,

    /// <summary>It names a designated revoker that the owner does not want published.</summary>
    SensitiveRevoker,

    /// <summary>It was made with a hash that was too weak by then.</summary>
    WeakHash,

    /// <summary>It carries more notations than are kept.</summary>
    NotationsTooLarge,

    /// <summary>A third-party signature larger than is kept.</summary>
    SignatureTooLarge,

    /// <summary>The binding of a signing subkey without that subkey's consent.</summary>
    NoBackSignature,

    /// <summary>Another variant of the same signature is kept.</summary>
    OtherVariantKept,

    /// <summary>There are enough newer self-signatures.</summary>
    EnoughSelfSignatures,

    /// <summary>There are enough revocations by the key that are hard or newer.</summary>
    EnoughRevocations,

    /// <summary>A newer list of attested certifications replaces this one.</summary>
    AttestationReplaced,

    /// <summary>There are enough third-party signatures.</summary>
    EnoughThirdPartySignatures,

    /// <summary>A revocation by another key that the owner has not designated.</summary>
    RevokerNotDesignated,

    /// <summary>There are enough revocations that name a designated revoker.</summary>
    EnoughDesignatedRevocations,

    /// <summary>No signature of the certificate's own key supports this user ID, attribute or subkey.</summary>
    Unproven,

    /// <summary>It stands under a user ID, attribute or subkey that is left out.</summary>
    ComponentLeftOut,

    /// <summary>A user ID, attribute or subkey larger than is kept.</summary>
    ComponentTooLarge,

    /// <summary>A subkey of an algorithm or version that is not known, or does not go with the primary key.</summary>
    UnknownAlgorithm,

    /// <summary>There are enough user IDs, attributes or subkeys with newer self-signatures.</summary>
    EnoughComponents,
}
