using Microsoft.Extensions.Logging;

namespace Sks.HkpAdapter.Pks;

/// <summary>What is logged about sending to other servers.</summary>
internal static partial class PksSenderLog
{
    [LoggerMessage(2311, LogLevel.Information, "What clients submit is sent to {Count} servers.")]
    public static partial void Sending(ILogger logger, int count);

    [LoggerMessage(2312, LogLevel.Debug, "{Count} certificates were sent to {Target}.")]
    public static partial void Sent(ILogger logger, int count, string target);

    [LoggerMessage(2313, LogLevel.Warning, "{Target} cannot be sent to, and is tried again in {Pause}: {Error}")]
    public static partial void Failed(ILogger logger, string target, TimeSpan pause, string error);

    [LoggerMessage(2314, LogLevel.Warning, "{Target} does not take {Fingerprint}, and it is not sent again: {Error}")]
    public static partial void Refused(ILogger logger, string target, string fingerprint, string error);

    [LoggerMessage(2315, LogLevel.Warning, "{Fingerprint} could not be sent to {Target} for {Age}, and is given up.")]
    public static partial void GivenUp(ILogger logger, string fingerprint, string target, TimeSpan age);

    [LoggerMessage(2316, LogLevel.Warning, "{File} cannot be read, and those in it stay as they are: {Error}")]
    public static partial void FileFailed(ILogger logger, string file, string error);

    [LoggerMessage(2317, LogLevel.Warning, "{File}: '{Line}' is no mail address and is passed over.")]
    public static partial void LineIgnored(ILogger logger, string file, string line);

    [LoggerMessage(2318, LogLevel.Error, "Sending waits, because the store cannot be written: {Kind}.")]
    public static partial void StoreFailed(ILogger logger, Storage.StorageErrorKind kind);
}
