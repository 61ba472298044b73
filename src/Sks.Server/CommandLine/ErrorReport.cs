using System.Text.RegularExpressions;
using Grpc.Core;
using Sks.Node;
using Sks.Storage;

namespace Sks.Server.CommandLine;

/// <summary>Turns what went wrong into an exit code and one line. What is not listed here is a defect and keeps its stack trace.</summary>
internal static partial class ErrorReport
{
    /// <summary>The exit code and the line; null when the exception is not one that a user can cause.</summary>
    public static (int ExitCode, string Message)? Describe(Exception exception) => exception switch
    {
        CommandException command => (command.ExitCode, OneLine(command.Message)),
        StorageException storage => (storage.Kind == StorageErrorKind.Locked ? ExitCode.Unreachable : ExitCode.No, OneLine(storage.Message)),
        UnsoundPlatformException unsound => (ExitCode.No, OneLine(unsound.Message)),
        RpcException rpc => (Of(rpc.StatusCode), Describe(rpc)),
        OperationCanceledException => (ExitCode.Interrupted, "interrupted"),
        IOException or UnauthorizedAccessException => (ExitCode.No, OneLine(exception.Message)),
        _ => null,
    };

    /// <summary>The text without line ends or other control characters: a file name or a server may have put some in.</summary>
    public static string OneLine(string text) => ControlCharacters().Replace(text, " ").Trim();

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]+")]
    private static partial Regex ControlCharacters();

    private static int Of(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument => ExitCode.Usage,
        StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Unimplemented => ExitCode.Unreachable,
        StatusCode.Cancelled => ExitCode.Interrupted,
        _ => ExitCode.No,
    };

    private static string Describe(RpcException exception)
    {
        string detail = OneLine(exception.Status.Detail);
        return exception.StatusCode switch
        {
            StatusCode.Unavailable when IsAnswer(exception) => $"the node cannot do that now: {detail}",
            StatusCode.Unavailable => $"the node cannot be reached: {detail}",
            StatusCode.Unimplemented => $"what answers there does not offer this: {detail}",
            _ => detail.Length > 0 ? detail : $"the node answered {exception.StatusCode}",
        };
    }

    // What the node says itself has details; what the client finds out about a connection has none.
    private static bool IsAnswer(RpcException exception) => exception.Trailers.Get("grpc-status-details-bin") is not null;
}
