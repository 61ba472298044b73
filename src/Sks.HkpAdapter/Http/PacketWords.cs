using System.Text.Json;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What packets, and what became of them, are called: names for programs, sentences for people.</summary>
internal static class PacketWords
{
    /// <summary>What kind of packet, for programs.</summary>
    public static string NameOf(PacketTag tag) => JsonNamingPolicy.KebabCaseLower.ConvertName(tag.ToString());

    /// <summary>What verification found, for programs.</summary>
    public static string NameOf(PacketVerdict verdict) =>
        JsonNamingPolicy.KebabCaseLower.ConvertName((verdict & PacketVerdict.OutcomeMask).ToString());

    /// <summary>Why a packet is in the clean view or not, for programs.</summary>
    public static string NameOf(PacketFate fate) => JsonNamingPolicy.KebabCaseLower.ConvertName(fate.ToString());

    /// <summary>What kind of packet.</summary>
    public static string Describe(PacketTag tag) => tag switch
    {
        PacketTag.PublicKey => "primary key",
        PacketTag.PublicSubkey => "subkey",
        PacketTag.UserId => "user ID",
        PacketTag.UserAttribute => "attribute",
        PacketTag.Signature => "signature",
        _ => NameOf(tag),
    };

    /// <summary>What a signature says.</summary>
    public static string Describe(SignatureType type) => type switch
    {
        SignatureType.GenericCertification => "sig",
        SignatureType.PersonaCertification => "sig 1",
        SignatureType.CasualCertification => "sig 2",
        SignatureType.PositiveCertification => "sig 3",
        SignatureType.Attestation => "attestation",
        SignatureType.SubkeyBinding => "binding",
        SignatureType.PrimaryKeyBinding => "back-signature",
        SignatureType.DirectKey => "direct",
        SignatureType.KeyRevocation or SignatureType.SubkeyRevocation or SignatureType.CertificationRevocation => "revocation",
        _ => $"0x{(byte)type:X2}",
    };

    /// <summary>What verification found about a signature, in a few words.</summary>
    public static string Describe(PacketVerdict verdict) => (verdict & PacketVerdict.OutcomeMask) switch
    {
        PacketVerdict.Proven => "made by this key",
        PacketVerdict.ByOther => "by another key, not checked",
        PacketVerdict.Refuted => "not made by this key",
        PacketVerdict.WrongHashTag => "not made over this",
        PacketVerdict.Unusable => "unusable",
        _ => "not looked at",
    };

    /// <summary>Why a packet is left out of the clean view, in a sentence; that it is not, for one that is kept.</summary>
    public static string Explain(PacketFate fate) => fate switch
    {
        PacketFate.Kept => "It is shown to everybody.",
        PacketFate.Unusable => "It cannot be read, does not belong where it stands, or uses a hash that is not known.",
        PacketFate.WrongHashTag => "Its checksum is wrong: whoever made it did not sign this.",
        PacketFate.NotByOwner => "Only the owner of the key can say this, and the owner did not.",
        PacketFate.NotExportable => "Whoever made it asked not to pass it on.",
        PacketFate.SensitiveRevoker => "It names a designated revoker that the owner does not want published.",
        PacketFate.WeakHash => "It was made with a hash that was too weak by then.",
        PacketFate.NotationsTooLarge => "It carries more notes than are kept.",
        PacketFate.SignatureTooLarge => "It is by another key, and larger than such signatures may be.",
        PacketFate.NoBackSignature => "It adopts a signing subkey that has not agreed to that.",
        PacketFate.OtherVariantKept => "The same signature is shown in another variant.",
        PacketFate.EnoughSelfSignatures => "There are enough newer signatures by the owner.",
        PacketFate.EnoughRevocations => "There are enough revocations by the owner that weigh more or are newer.",
        PacketFate.AttestationReplaced => "The owner has made a newer list of certifications to show.",
        PacketFate.EnoughThirdPartySignatures => "There are enough signatures by other keys.",
        PacketFate.RevokerNotDesignated => "It is a revocation by another key, which the owner has not designated for that.",
        PacketFate.EnoughDesignatedRevocations => "There are enough revocations in the name of designated revokers.",
        PacketFate.Unproven => "Nothing that the owner signed supports it.",
        PacketFate.ComponentLeftOut => "What it stands under is left out.",
        PacketFate.ComponentTooLarge => "It is larger than is kept.",
        PacketFate.UnknownAlgorithm => "Its algorithm or version is not known, or does not go with the primary key.",
        PacketFate.EnoughComponents => "There are enough others with newer signatures by the owner.",
        _ => NameOf(fate),
    };
}
