using System.Net;
using Microsoft.Extensions.Logging;

namespace Sks.HkpAdapter;

/// <summary>What this project logs. Never a request target, a user ID or anything else that a client sent.</summary>
internal static partial class HkpLog
{
    [LoggerMessage(2001, LogLevel.Information, "HKP listens on {EndPoint}.")]
    public static partial void Listening(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(2002, LogLevel.Information, "HKP with TLS listens on {EndPoint}.")]
    public static partial void ListeningSecurely(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(2003, LogLevel.Error, "A request for {Path} failed: {ErrorType}{StackTrace}")]
    public static partial void RequestFailed(ILogger logger, string path, string errorType, string? stackTrace);

    [LoggerMessage(2004, LogLevel.Error, "The store failed while a request was answered: {Kind}.")]
    public static partial void StoreFailed(ILogger logger, Storage.StorageErrorKind kind);

    [LoggerMessage(2005, LogLevel.Debug, "A submission was refused: {Reason}, {Bytes} bytes.")]
    public static partial void SubmissionRefused(ILogger logger, string reason, long bytes);

    [LoggerMessage(2006, LogLevel.Information, "The TLS certificate was read; it is valid until {NotAfter:u}.")]
    public static partial void CertificateLoaded(ILogger logger, DateTime notAfter);

    [LoggerMessage(2007, LogLevel.Error, "The TLS certificate files changed but cannot be used ({Error}): the old certificate stays in use.")]
    public static partial void CertificateRejected(ILogger logger, string error);

    [LoggerMessage(2111, LogLevel.Information, "SKS recon listens on {EndPoint}.")]
    public static partial void ReconListening(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(2112, LogLevel.Information, "A connection for recon from {Address} was closed: the address belongs to no peer.")]
    public static partial void ReconStranger(ILogger logger, IPAddress address);

    [LoggerMessage(2113, LogLevel.Information, "A connection for recon of {Peer} was closed: it has {Sessions} sessions open.")]
    public static partial void ReconBusy(ILogger logger, string peer, int sessions);

    [LoggerMessage(2114, LogLevel.Error, "A session with {Peer} failed: {ErrorType}{StackTrace}")]
    public static partial void ReconFailed(ILogger logger, string peer, string errorType, string? stackTrace);

    [LoggerMessage(2115, LogLevel.Information, "{Peer}: session as {Role} done, {Found} certificates are only there.")]
    public static partial void ReconSession(ILogger logger, string peer, string role, int found);

    [LoggerMessage(2116, LogLevel.Warning, "{Peer}: as {Role}: {Failure}.")]
    public static partial void ReconSessionFailed(ILogger logger, string peer, string role, string failure);

    [LoggerMessage(2117, LogLevel.Information, "{Peer}: fetching {Fresh} certificates, and {Suspects} that had no effect before.")]
    public static partial void ReconFetching(ILogger logger, string peer, int fresh, int suspects);

    [LoggerMessage(2118, LogLevel.Warning, "{Peer}: fetching {Count} certificates failed: {Failure}.")]
    public static partial void ReconFetchFailed(ILogger logger, string peer, int count, string failure);

    [LoggerMessage(2119, LogLevel.Error, "{Peer}: the store failed while certificates were taken in: {Kind}.")]
    public static partial void ReconStoreFailed(ILogger logger, string peer, Storage.StorageErrorKind kind);

    [LoggerMessage(2120, LogLevel.Information, "{Peer}: it closed the connection without a word: it is busy, or does not know this node.")]
    public static partial void ReconPeerBusy(ILogger logger, string peer);

    [LoggerMessage(2121, LogLevel.Information, "{Peer}: what it announces is the dialect {Dialect}: this node speaks that with it from now on.")]
    public static partial void ReconDialectChosen(ILogger logger, string peer, string dialect);
}
