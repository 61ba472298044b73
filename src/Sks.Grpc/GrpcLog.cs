using Microsoft.Extensions.Logging;

namespace Sks.Grpc;

/// <summary>Every log line of this project. Event ids are stable; no user ID, address or search text is ever an argument.</summary>
internal static partial class GrpcLog
{
    [LoggerMessage(3001, LogLevel.Information, "gRPC listens on {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(3002, LogLevel.Error, "{Method} failed")]
    public static partial void CallFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(3003, LogLevel.Information, "The socket {Path} of a process that is gone is replaced")]
    public static partial void StaleSocketReplaced(ILogger logger, string path);
}
