using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>The one table from parse errors to reasons.</summary>
internal static class RejectionReasons
{
    /// <summary>The reason that <paramref name="code"/> stands for.</summary>
    public static RejectionReason Of(ParseErrorCode code) => code switch
    {
        ParseErrorCode.BadHeader or ParseErrorCode.UnsupportedLength => RejectionReason.MalformedPackets,
        ParseErrorCode.Truncated => RejectionReason.Truncated,
        ParseErrorCode.PacketTooLarge or ParseErrorCode.CertificateTooLarge => RejectionReason.TooLarge,
        ParseErrorCode.StandaloneRevocation => RejectionReason.StandaloneRevocation,
        ParseErrorCode.SecretKey => RejectionReason.SecretKey,
        ParseErrorCode.UnsupportedKeyVersion => RejectionReason.UnsupportedVersion,
        ParseErrorCode.BadArmor => RejectionReason.BadArmor,
        ParseErrorCode.NoData => RejectionReason.NoData,
        _ => RejectionReason.MalformedCertificate,
    };
}
