using Microsoft.Extensions.Logging;

namespace Sks.HkpAdapter.Mail;

/// <summary>What is logged about mails that come in. Never an address or anything else that is in one.</summary>
internal static partial class MailReceptionLog
{
    [LoggerMessage(2301, LogLevel.Information, "Mail: {Added} certificates added, {Updated} updated, {Unchanged} unchanged, {Rejected} rejected.")]
    public static partial void Stored(ILogger logger, int added, int updated, int unchanged, int rejected);

    [LoggerMessage(2302, LogLevel.Information, "A mail was refused: {Reason}, {Bytes} bytes.")]
    public static partial void Refused(ILogger logger, string reason, long bytes);

    [LoggerMessage(2303, LogLevel.Error, "Mail waits, because the store cannot be written: {Kind}.")]
    public static partial void StoreFailed(ILogger logger, Storage.StorageErrorKind kind);

    [LoggerMessage(2304, LogLevel.Warning, "Mail in {Folder} cannot be read or removed: {Error}")]
    public static partial void FolderFailed(ILogger logger, string folder, string error);

    [LoggerMessage(2305, LogLevel.Error, "A mail could not be worked on and is refused: {ErrorType}{StackTrace}")]
    public static partial void Failed(ILogger logger, string errorType, string? stackTrace);

    [LoggerMessage(2306, LogLevel.Warning, "An answer to a mail could not be sent: {ErrorType}.")]
    public static partial void ReplyFailed(ILogger logger, string errorType);

    [LoggerMessage(2307, LogLevel.Information, "Mail is taken from {Folder}.")]
    public static partial void Watching(ILogger logger, string folder);
}
