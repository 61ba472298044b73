using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;
using V1 = Sks.Keys.V1;

namespace Sks.Grpc;

/// <summary>The node's values as messages.</summary>
internal static class MessageMapping
{
    public static V1.Certificate ToMessage(this ServedCertificate certificate, bool withData)
    {
        V1.Certificate message = Summarize(certificate.Stored, certificate.PolicyVersion);

        // Stored bytes never change: what lies in one piece goes out without a copy.
        if (withData)
            message.Data = UnsafeByteOperations.UnsafeWrap(certificate.View.ToMemory());
        return message;
    }

    public static V1.Certificate Summarize(StoredCertificate stored, int policyVersion)
    {
        CertificateIdentity identity = stored.Identity;
        return new V1.Certificate
        {
            Fingerprint = identity.Fingerprint.ToBytes(),
            Version = identity.Version,
            CreationTime = new Timestamp { Seconds = stored.ReadCreationTime() },
            Identity = ByteString.CopyFrom(identity.Span),
            SksDigest = stored.SksDigest.ToBytes(),
            ContentDigest = stored.ContentDigest(policyVersion).ToBytes(),
            PolicyVersion = (uint)policyVersion,
        };
    }

    public static V1.Cursor ToMessage(this ChangeCursor cursor) => new() { Incarnation = cursor.Incarnation, Sequence = cursor.Sequence };

    public static ChangeCursor ToCursor(this V1.Cursor message) => new(message.Incarnation, message.Sequence);

    public static V1.Change ToMessage(this Change change) => new()
    {
        Sequence = change.Sequence,
        Time = Timestamp.FromDateTimeOffset(change.Time),
        Identity = ByteString.CopyFrom(change.Identity.Span),
        Fingerprint = change.Identity.Fingerprint.ToBytes(),
        OldSksDigest = change.OldDigest.ToBytes(),
        NewSksDigest = change.NewDigest.ToBytes(),
        Removed = change.IsRemoval,
        Source = change.Source.ToMessage(),
        OldContentDigest = change.OldContent.ToBytes(),
        NewContentDigest = change.NewContent.ToBytes(),
        PolicyVersion = (uint)change.PolicyVersion,
    };

    public static V1.SubmissionOutcome ToMessage(this SubmissionOutcome outcome) => new()
    {
        Result = outcome.Result.ToMessage(),
        Reason = outcome.Reason.ToMessage(),
        Fingerprint = outcome.Fingerprint?.ToBytes() ?? ByteString.Empty,
        SksDigest = outcome.Digest.ToBytes(),
        ContentDigest = outcome.ContentDigest.ToBytes(),
        PolicyVersion = outcome.ContentDigest is null ? 0 : (uint)outcome.PolicyVersion,
    };

    public static V1.ChangeSource ToMessage(this ChangeSource source) => source switch
    {
        ChangeSource.Hkp => V1.ChangeSource.Hkp,
        ChangeSource.Grpc => V1.ChangeSource.Grpc,
        ChangeSource.Import => V1.ChangeSource.Import,
        ChangeSource.Restriction => V1.ChangeSource.Restriction,
        ChangeSource.Upgrade => V1.ChangeSource.Upgrade,
        ChangeSource.SksPeer => V1.ChangeSource.SksPeer,
        ChangeSource.Peer => V1.ChangeSource.Peer,
        ChangeSource.Mail => V1.ChangeSource.Mail,
        ChangeSource.PksPush => V1.ChangeSource.PksPush,
        _ => V1.ChangeSource.Unspecified,
    };

    public static V1.SubmissionResult ToMessage(this SubmissionResult result) => result switch
    {
        SubmissionResult.Added => V1.SubmissionResult.Added,
        SubmissionResult.Updated => V1.SubmissionResult.Updated,
        SubmissionResult.Unchanged => V1.SubmissionResult.Unchanged,
        SubmissionResult.Rejected => V1.SubmissionResult.Rejected,
        _ => V1.SubmissionResult.Unspecified,
    };

    public static V1.RejectionReason ToMessage(this RejectionReason reason) => reason switch
    {
        RejectionReason.MalformedPackets => V1.RejectionReason.MalformedPackets,
        RejectionReason.MalformedCertificate => V1.RejectionReason.MalformedCertificate,
        RejectionReason.Truncated => V1.RejectionReason.Truncated,
        RejectionReason.TooLarge => V1.RejectionReason.TooLarge,
        RejectionReason.StandaloneRevocation => V1.RejectionReason.StandaloneRevocation,
        RejectionReason.SecretKey => V1.RejectionReason.SecretKey,
        RejectionReason.UnsupportedVersion => V1.RejectionReason.UnsupportedVersion,
        RejectionReason.BadArmor => V1.RejectionReason.BadArmor,
        RejectionReason.NoData => V1.RejectionReason.NoData,
        RejectionReason.TooManyCertificates => V1.RejectionReason.TooManyCertificates,
        RejectionReason.Restricted => V1.RejectionReason.Restricted,
        RejectionReason.NothingProven => V1.RejectionReason.NothingProven,
        _ => V1.RejectionReason.Unspecified,
    };

    public static ByteString ToBytes(this Fingerprint fingerprint) => ByteString.CopyFrom(fingerprint.Span);

    public static ByteString ToBytes(this SksDigest? digest)
    {
        if (digest is not { } value)
            return ByteString.Empty;
        var bytes = new byte[SksDigest.Length];
        value.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    public static ByteString ToBytes(this ContentDigest? digest) => digest is { } value ? ByteString.CopyFrom(value.Span) : ByteString.Empty;
}
