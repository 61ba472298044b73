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
    public static V1.Certificate ToMessage(this StoredCertificate certificate, bool withData)
    {
        CertificateIdentity identity = certificate.Identity;
        var message = new V1.Certificate
        {
            Fingerprint = identity.Fingerprint.ToBytes(),
            Version = identity.Version,
            CreationTime = ReadCreationTime(certificate.FullView.Span),
            Identity = ByteString.CopyFrom(identity.Span),
            SksDigest = certificate.SksDigest.ToBytes(),
        };

        // Stored bytes never change: they go out without a copy.
        if (withData)
            message.Data = UnsafeByteOperations.UnsafeWrap(certificate.FullView);
        return message;
    }

    public static V1.Cursor ToMessage(this ChangeCursor cursor) => new() { Incarnation = cursor.Incarnation, Sequence = cursor.Sequence };

    public static ChangeCursor ToCursor(this V1.Cursor message) => new(message.Incarnation, message.Sequence);

    public static V1.Change ToMessage(this Change change) => new()
    {
        Sequence = change.Sequence,
        Time = Timestamp.FromDateTimeOffset(change.Time),
        Identity = ByteString.CopyFrom(change.Identity.Span),
        Fingerprint = change.Identity.Fingerprint.ToBytes(),
        OldSksDigest = change.OldDigest?.ToBytes() ?? ByteString.Empty,
        NewSksDigest = change.NewDigest?.ToBytes() ?? ByteString.Empty,
        Removed = change.NewDigest is null,
        Source = change.Source.ToMessage(),
    };

    public static V1.SubmissionOutcome ToMessage(this SubmissionOutcome outcome) => new()
    {
        Result = outcome.Result.ToMessage(),
        Reason = outcome.Reason.ToMessage(),
        Fingerprint = outcome.Fingerprint?.ToBytes() ?? ByteString.Empty,
        SksDigest = outcome.Digest?.ToBytes() ?? ByteString.Empty,
    };

    public static V1.ChangeSource ToMessage(this ChangeSource source) => source switch
    {
        ChangeSource.Hkp => V1.ChangeSource.Hkp,
        ChangeSource.Grpc => V1.ChangeSource.Grpc,
        ChangeSource.Import => V1.ChangeSource.Import,
        ChangeSource.Restriction => V1.ChangeSource.Restriction,
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
        _ => V1.RejectionReason.Unspecified,
    };

    public static ByteString ToBytes(this Fingerprint fingerprint) => ByteString.CopyFrom(fingerprint.Span);

    private static ByteString ToBytes(this SksDigest digest)
    {
        var bytes = new byte[SksDigest.Length];
        digest.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    // In every version the body of a public key packet begins with the version and four bytes of time.
    private static Timestamp ReadCreationTime(ReadOnlySpan<byte> view)
    {
        if (PacketHeader.TryRead(view, out PacketHeader header, out _) != System.Buffers.OperationStatus.Done)
            throw new StorageException(StorageErrorKind.Corrupt, "A stored certificate does not begin with a packet.");

        uint seconds = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(view[(header.HeaderLength + 1)..]);
        return new Timestamp { Seconds = seconds };
    }
}
