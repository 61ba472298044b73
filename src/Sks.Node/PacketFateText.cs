using System.Diagnostics;
using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>Why packets are left out of the clean view, in plain words. The one table for every place that shows them.</summary>
public static class PacketFateText
{
    /// <summary>The reason, without a full stop; empty for what is kept.</summary>
    public static string Of(PacketFate fate) => fate switch
    {
        PacketFate.Kept => "",
        PacketFate.Unusable => "a signature that cannot be read, has no place where it stands, or uses a hash that is not known",
        PacketFate.WrongHashTag => "the first 16 bits of its hash are wrong: it was not made over this",
        PacketFate.NotByOwner => "only the owner can say this, and the owner did not",
        PacketFate.NotExportable => "its maker marked it as not exportable",
        PacketFate.SensitiveRevoker => "it names a designated revoker that the owner does not want published",
        PacketFate.WeakHash => "it was made with a hash that was too weak by then",
        PacketFate.NotationsTooLarge => "it carries more notations than are kept",
        PacketFate.SignatureTooLarge => "a third-party signature larger than is kept",
        PacketFate.NoBackSignature => "the binding of a signing subkey without that subkey's consent",
        PacketFate.OtherVariantKept => "another variant of the same signature is kept",
        PacketFate.EnoughSelfSignatures => "there are enough newer self-signatures",
        PacketFate.EnoughRevocations => "there are enough revocations by the key that are hard or newer",
        PacketFate.AttestationReplaced => "a newer list of attested certifications replaces this one",
        PacketFate.EnoughThirdPartySignatures => "there are enough third-party signatures",
        PacketFate.RevokerNotDesignated => "a revocation by another key that the owner has not designated",
        PacketFate.EnoughDesignatedRevocations => "there are enough revocations that name a designated revoker",
        PacketFate.Unproven => "no signature of the certificate's own key supports it",
        PacketFate.ComponentLeftOut => "it stands under a user ID, attribute or subkey that is left out",
        PacketFate.ComponentTooLarge => "a user ID, attribute or subkey larger than is kept",
        PacketFate.UnknownAlgorithm => "a subkey of an algorithm or version that is not known, or does not go with the primary key",
        PacketFate.EnoughComponents => "there are enough user IDs, attributes or subkeys with newer self-signatures",
        _ => throw new UnreachableException(),
    };
}
