using System.Globalization;
using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>What packets say, in a few words for people.</summary>
public static class PacketDescription
{
    private const int MaxUserIdLength = 200;

    /// <summary>The words. They hold no control characters, whatever the packet does.</summary>
    public static string Of(in Packet packet) => packet.Tag switch
    {
        PacketTag.PublicKey => "primary key" + OfKey(packet),
        PacketTag.PublicSubkey => "subkey" + OfKey(packet),
        PacketTag.UserId => "user ID " + OfUserId(packet),
        PacketTag.UserAttribute => "user attribute",
        PacketTag.Signature => OfSignature(packet),
        _ => string.Create(CultureInfo.InvariantCulture, $"packet of type {(byte)packet.Tag}"),
    };

    /// <summary>When a signature claims to have been made, in seconds since 1970; null when it does not say, and for other packets.</summary>
    public static uint? CreationTimeOf(in Packet packet) =>
        packet.Tag == PacketTag.Signature && SignaturePacket.TryParse(packet.Span, out SignaturePacket claims) ? claims.CreationTime : null;

    private static string OfKey(in Packet packet) =>
        PublicKeyPacket.TryParse(packet.Body, out PublicKeyPacket key, out _) ? $" {key.Fingerprint}" : " that cannot be read";

    private static string OfUserId(in Packet packet)
    {
        string text = UserIdText.Decode(packet.Span);
        string shown = text.Length > MaxUserIdLength ? text[..MaxUserIdLength] + "..." : text;
        return string.Create(shown.Length, shown, static (printable, source) =>
        {
            for (int i = 0; i < source.Length; i++)
                printable[i] = IsPrintable(source[i]) ? source[i] : '?';
        });
    }

    // Characters that would move the cursor, or turn the reading direction of what stands behind them.
    private static bool IsPrintable(char character) => char.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);

    private static string OfSignature(in Packet packet)
    {
        if (!SignaturePacket.TryParse(packet.Span, out SignaturePacket claims))
            return "signature that cannot be read";
        string issuer = claims.Issuer is { } keyId ? $" by {keyId}" : "";
        return NameOf(claims.Type) + issuer;
    }

    private static string NameOf(SignatureType type) => type switch
    {
        >= SignatureType.GenericCertification and <= SignatureType.PositiveCertification => "certification",
        SignatureType.Attestation => "list of attested certifications",
        SignatureType.SubkeyBinding => "subkey binding",
        SignatureType.PrimaryKeyBinding => "primary key binding",
        SignatureType.DirectKey => "direct-key signature",
        SignatureType.KeyRevocation => "key revocation",
        SignatureType.SubkeyRevocation => "subkey revocation",
        SignatureType.CertificationRevocation => "certification revocation",
        _ => string.Create(CultureInfo.InvariantCulture, $"signature of type 0x{(byte)type:X2}"),
    };
}
