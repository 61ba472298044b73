namespace Sks.Grpc;

/// <summary>Why a call fails. <see cref="ErrorTable"/> says how each is told.</summary>
internal enum ErrorReason
{
    InvalidArgument,
    CertificateNotFound,
    FullViewNotAllowed,
    ClientCertificateRequired,
    PeerNotListed,
    InvitationNotValid,
    TooManyMatches,
    TooCommonWords,
    ResponseTooLarge,
    TooManyCalls,
    CursorOutOfRange,
    StoreNotWritable,
    ShuttingDown,
    Internal,
}
