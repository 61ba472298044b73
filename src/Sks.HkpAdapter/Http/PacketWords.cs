using System.Text.Json;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What packets, and what verification found about them, are called: names for programs, words for people.</summary>
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
}
