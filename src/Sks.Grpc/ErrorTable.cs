using System.Diagnostics;
using Google.Rpc;

namespace Sks.Grpc;

/// <summary>How a failure is told: its gRPC status, the name programs go by, and words for people.</summary>
/// <param name="Code">The status.</param>
/// <param name="Name">Reason in <c>google.rpc.ErrorInfo</c>. Part of the interface: never renamed.</param>
/// <param name="Message">What people read.</param>
internal readonly record struct ErrorRow(Code Code, string Name, string Message);

/// <summary>The one table of failures. The comments of the services in the protos list the same names.</summary>
internal static class ErrorTable
{
    public static ErrorRow Find(ErrorReason reason) => reason switch
    {
        ErrorReason.InvalidArgument =>
            new(Code.InvalidArgument, "INVALID_ARGUMENT", "The request is not valid."),
        ErrorReason.CertificateNotFound =>
            new(Code.NotFound, "CERTIFICATE_NOT_FOUND", "There is no such certificate."),
        ErrorReason.FullViewNotAllowed =>
            new(Code.PermissionDenied, "FULL_VIEW_NOT_ALLOWED", "The operator of this server allows nobody to read certificates unfiltered."),
        ErrorReason.ClientCertificateRequired =>
            new(Code.PermissionDenied, "CLIENT_CERTIFICATE_REQUIRED", "Peers have to show a certificate."),
        ErrorReason.PeerNotListed =>
            new(Code.PermissionDenied, "PEER_NOT_LISTED", "The operator of this server has not made you a peer."),
        ErrorReason.InvitationNotValid =>
            new(Code.PermissionDenied, "INVITATION_NOT_VALID", "There is no such invitation, or it is taken, void or expired."),
        ErrorReason.TooManyMatches =>
            new(Code.ResourceExhausted, "TOO_MANY_MATCHES", "Too many certificates match; ask for something more particular."),
        ErrorReason.TooCommonWords =>
            new(Code.ResourceExhausted, "TOO_COMMON_WORDS", "All words are too common to search by; add a rarer one."),
        ErrorReason.ResponseTooLarge =>
            new(Code.ResourceExhausted, "RESPONSE_TOO_LARGE", "The certificates do not fit into one message."),
        ErrorReason.TooManyCalls =>
            new(Code.ResourceExhausted, "TOO_MANY_CALLS", "Too many calls of this kind are open."),
        ErrorReason.CursorOutOfRange =>
            new(Code.OutOfRange, "CURSOR_OUT_OF_RANGE", "The change log cannot go on from the cursor; read everything anew."),
        ErrorReason.StoreNotWritable =>
            new(Code.Unavailable, "STORE_NOT_WRITABLE", "Nothing can be stored at the moment."),
        ErrorReason.ShuttingDown =>
            new(Code.Unavailable, "SHUTTING_DOWN", "The server is shutting down."),
        ErrorReason.Internal =>
            new(Code.Internal, "INTERNAL", "The server failed."),
        _ => throw new UnreachableException(),
    };
}
