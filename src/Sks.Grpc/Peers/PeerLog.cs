using Microsoft.Extensions.Logging;

namespace Sks.Grpc.Peers;

/// <summary>Log lines about servers of our own kind. Event ids are stable: 2201 to 2219 are about connections.</summary>
internal static partial class PeerLog
{
    [LoggerMessage(2201, LogLevel.Information, "Peers may connect to {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(2202, LogLevel.Warning, "A node that is no peer was refused: {Id}. It is not mentioned again")]
    public static partial void Refused(ILogger logger, string id);

    [LoggerMessage(2203, LogLevel.Warning, "So many nodes that are no peers were refused that no more are mentioned")]
    public static partial void RefusedTooMany(ILogger logger);

    [LoggerMessage(2204, LogLevel.Warning, "A client without a certificate was refused as a peer. This is not mentioned again")]
    public static partial void RefusedWithoutCertificate(ILogger logger);

    [LoggerMessage(2205, LogLevel.Warning, "Peer {Id} cannot be reached: {Reason}")]
    public static partial void NotReached(ILogger logger, string id, string reason);

    [LoggerMessage(2206, LogLevel.Information, "Node {Id} has become a peer: it took up an invitation")]
    public static partial void Joined(ILogger logger, string id);

    [LoggerMessage(2207, LogLevel.Information, "Node {Id} has become a peer: its invitation was taken up")]
    public static partial void Accepted(ILogger logger, string id);

    [LoggerMessage(2208, LogLevel.Warning, "An invitation was not good, or no more, that node {Id} came with")]
    public static partial void JoinRefused(ILogger logger, string id);

    [LoggerMessage(2209, LogLevel.Error, "Nothing works with peer {Id} any more: its connections failed unexpectedly")]
    public static partial void ContactFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2210, LogLevel.Error, "The list of peers cannot be read: {Kind}")]
    public static partial void BookFailed(ILogger logger, Storage.StorageErrorKind kind);
}
