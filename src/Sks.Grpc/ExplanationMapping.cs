using Google.Protobuf.WellKnownTypes;
using Sks.Node;
using Sks.OpenPgp;
using V1 = Sks.Admin.V1;

namespace Sks.Grpc;

/// <summary>Explanations as messages.</summary>
internal static class ExplanationMapping
{
    public static Keys.V1.Certificate ToMessage(this CertificateExplanation explanation) =>
        MessageMapping.Summarize(explanation.Stored, explanation.PolicyVersion);

    public static V1.ProfileDigest ToMessage(this (string Profile, SksDigest? Digest) named) => new()
    {
        Profile = named.Profile,
        Digest = named.Digest.ToBytes(),
    };

    public static V1.ExplainedPacket ToMessage(this ExplainedPacket packet)
    {
        PacketFinding finding = packet.Finding;
        var message = new V1.ExplainedPacket
        {
            Tag = (uint)finding.Packet.Tag,
            Length = (uint)finding.Packet.Body.Length,
            Fate = finding.Fate.ToMessage(),
            Verdict = finding.Verdict.ToMessage(),
            InFullView = packet.IsInFullView,
            Description = PacketDescription.Of(finding.Packet),
            Reason = PacketFateText.Of(finding.Fate),
        };
        if (PacketDescription.CreationTimeOf(finding.Packet) is { } seconds)
            message.CreationTime = new Timestamp { Seconds = seconds };
        return message;
    }

    public static V1.SignatureVerdict ToMessage(this PacketVerdict verdict) => (verdict & PacketVerdict.OutcomeMask) switch
    {
        PacketVerdict.Unusable => V1.SignatureVerdict.Unusable,
        PacketVerdict.WrongHashTag => V1.SignatureVerdict.WrongHashTag,
        PacketVerdict.ByOther => V1.SignatureVerdict.ByOther,
        PacketVerdict.Refuted => V1.SignatureVerdict.Refuted,
        PacketVerdict.Proven => V1.SignatureVerdict.Proven,
        _ => V1.SignatureVerdict.Unspecified,
    };

    public static V1.PacketFate ToMessage(this PacketFate fate) => fate switch
    {
        PacketFate.Kept => V1.PacketFate.Kept,
        PacketFate.Unusable => V1.PacketFate.Unusable,
        PacketFate.WrongHashTag => V1.PacketFate.WrongHashTag,
        PacketFate.NotByOwner => V1.PacketFate.NotByOwner,
        PacketFate.NotExportable => V1.PacketFate.NotExportable,
        PacketFate.SensitiveRevoker => V1.PacketFate.SensitiveRevoker,
        PacketFate.WeakHash => V1.PacketFate.WeakHash,
        PacketFate.NotationsTooLarge => V1.PacketFate.NotationsTooLarge,
        PacketFate.SignatureTooLarge => V1.PacketFate.SignatureTooLarge,
        PacketFate.NoBackSignature => V1.PacketFate.NoBackSignature,
        PacketFate.OtherVariantKept => V1.PacketFate.OtherVariantKept,
        PacketFate.EnoughSelfSignatures => V1.PacketFate.EnoughSelfSignatures,
        PacketFate.EnoughRevocations => V1.PacketFate.EnoughRevocations,
        PacketFate.AttestationReplaced => V1.PacketFate.AttestationReplaced,
        PacketFate.EnoughThirdPartySignatures => V1.PacketFate.EnoughThirdPartySignatures,
        PacketFate.RevokerNotDesignated => V1.PacketFate.RevokerNotDesignated,
        PacketFate.EnoughDesignatedRevocations => V1.PacketFate.EnoughDesignatedRevocations,
        PacketFate.Unproven => V1.PacketFate.Unproven,
        PacketFate.ComponentLeftOut => V1.PacketFate.ComponentLeftOut,
        PacketFate.ComponentTooLarge => V1.PacketFate.ComponentTooLarge,
        PacketFate.UnknownAlgorithm => V1.PacketFate.UnknownAlgorithm,
        PacketFate.EnoughComponents => V1.PacketFate.EnoughComponents,
        _ => V1.PacketFate.Unspecified,
    };
}
