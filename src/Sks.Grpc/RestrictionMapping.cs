using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sks.Node;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;
using V1 = Sks.Admin.V1;

namespace Sks.Grpc;

/// <summary>Restrictions as messages, and messages as restrictions.</summary>
internal static class RestrictionMapping
{
    public static RestrictionKind ReadKind(this V1.RestrictRequest request) => request.Kind switch
    {
        V1.RestrictionKind.Block => RestrictionKind.Block,
        V1.RestrictionKind.Erase => RestrictionKind.Erase,
        V1.RestrictionKind.Retract => RestrictionKind.Retract,
        _ => throw ServiceError.InvalidField("kind", "Must be one of the kinds."),
    };

    public static RestrictionSubject ReadSubject(this V1.RestrictRequest request)
    {
        if (request.Identity.Length > 0)
        {
            return request.Fingerprint.IsEmpty && request.UserId.IsEmpty
                ? new RestrictionSubject.Identity(TextHash.OfIdentity(request.Identity))
                : throw ServiceError.InvalidField("identity", "Goes with neither fingerprint nor user_id.");
        }

        if (!Fingerprint.TryCreate(request.Fingerprint.Span, out Fingerprint fingerprint))
            throw ServiceError.InvalidField("fingerprint", "Must have 16, 20 or 32 bytes.");
        return request.UserId.IsEmpty
            ? new RestrictionSubject.Certificate(fingerprint)
            : new RestrictionSubject.UserId(fingerprint, TextHash.Of(request.UserId.Span));
    }

    public static V1.Restriction ToMessage(this RestrictionEntry entry, bool isInForce, DateTimeOffset now) => new()
    {
        Origin = entry.Record.Origin.ToBytes(),
        Sequence = entry.Record.Sequence,
        Time = Timestamp.FromDateTimeOffset(entry.Record.Time),
        Kind = entry.Record.Kind.ToMessage(),
        Subject = entry.Record.Subject.ToMessage(),
        Own = entry.Note.IsOwn,
        InForce = isInForce,
        Author = entry.Note.Author,
        Reason = entry.Note.Reason,
        Received = Timestamp.FromDateTimeOffset(entry.Note.Received),
        Pending = isInForce && entry.IsPending(now),
        PurgeTime = entry.PurgeTime is { } purgeTime ? Timestamp.FromDateTimeOffset(purgeTime) : null,
        Confirmed = entry.Note.Confirmed is { } confirmed ? Timestamp.FromDateTimeOffset(confirmed) : null,
        ConfirmedBy = entry.Note.ConfirmedBy,
    };

    public static V1.RestrictionStatus ToMessage(this RestrictionStatus status) => status switch
    {
        RestrictionStatus.Done => V1.RestrictionStatus.Done,
        RestrictionStatus.NotRestricted => V1.RestrictionStatus.NotRestricted,
        RestrictionStatus.AlreadyErased => V1.RestrictionStatus.AlreadyErased,
        RestrictionStatus.NothingToConfirm => V1.RestrictionStatus.NothingToConfirm,
        _ => V1.RestrictionStatus.Unspecified,
    };

    public static V1.RestrictionRefusal ToMessage(this RestrictionRefusal refusal) => refusal switch
    {
        RestrictionRefusal.Unreadable => V1.RestrictionRefusal.Unreadable,
        RestrictionRefusal.UnknownOrigin => V1.RestrictionRefusal.UnknownOrigin,
        RestrictionRefusal.BadSignature => V1.RestrictionRefusal.BadSignature,
        RestrictionRefusal.Conflict => V1.RestrictionRefusal.Conflict,
        _ => V1.RestrictionRefusal.Unspecified,
    };

    public static V1.PurgeReport ToMessage(this PurgeResult purge) => new() { Complete = purge.IsComplete, HeldFiles = { purge.HeldFiles } };

    public static ByteString ToBytes(this NodeId id) => UnsafeByteOperations.UnsafeWrap(id.ToArray());

    private static ByteString ToBytes(this TextHash hash) => UnsafeByteOperations.UnsafeWrap(hash.ToArray());

    private static V1.RestrictionKind ToMessage(this RestrictionKind kind) => kind switch
    {
        RestrictionKind.Block => V1.RestrictionKind.Block,
        RestrictionKind.Erase => V1.RestrictionKind.Erase,
        RestrictionKind.Retract => V1.RestrictionKind.Retract,
        _ => V1.RestrictionKind.Unspecified,
    };

    private static V1.RestrictionSubject ToMessage(this RestrictionSubject subject) => subject switch
    {
        RestrictionSubject.Certificate(var fingerprint) => new() { Fingerprint = fingerprint.ToBytes() },
        RestrictionSubject.UserId(var fingerprint, var hash) => new() { Fingerprint = fingerprint.ToBytes(), UserIdHash = hash.ToBytes() },
        RestrictionSubject.Identity(var hash) => new() { IdentityHash = hash.ToBytes() },
        _ => throw new ArgumentOutOfRangeException(nameof(subject)),
    };
}
