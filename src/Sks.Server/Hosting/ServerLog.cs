using Microsoft.Extensions.Logging.Console;
using Sks.Server.Configuration;

namespace Sks.Server.Hosting;

/// <summary>Log lines of the executable, and where all log lines go.</summary>
internal static partial class ServerLog
{
    /// <summary>A factory that writes to standard error, one line per message.</summary>
    /// <remarks>Frameworks stay at Warning: below it the web server logs request URLs, which hold people's addresses.</remarks>
    public static ILoggerFactory CreateFactory(LogOptions options) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Sks", options.Level)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    [LoggerMessage(1, LogLevel.Debug, "Setting {Path} = {Value}")]
    public static partial void Setting(this ILogger logger, string path, string value);

    [LoggerMessage(2, LogLevel.Information, "Serving {Certificates} certificates from {Data}")]
    public static partial void Serving(this ILogger logger, long certificates, string data);

    [LoggerMessage(3, LogLevel.Information, "Stopping")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(6, LogLevel.Information, "Making clean views of {Certificates} certificates in the background; what has none yet is not served to clients")]
    public static partial void ViewsBegun(this ILogger logger, long certificates);

    [LoggerMessage(7, LogLevel.Information, "Clean views: {Done} of {Total} certificates")]
    public static partial void ViewsProgress(this ILogger logger, long done, long total);

    [LoggerMessage(8, LogLevel.Information, "Clean views of policy {Policy} are complete")]
    public static partial void ViewsComplete(this ILogger logger, int policy);

    [LoggerMessage(5, LogLevel.Critical, "The store can no longer be written; stopping. What was acknowledged is on disk")]
    public static partial void WriterFailed(this ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Information, "Configuration of SKS: {Note}")]
    public static partial void ConfigurationNote(this ILogger logger, string note);

    [LoggerMessage(4, LogLevel.Information, "Stopped after {Milliseconds} ms")]
    public static partial void Stopped(this ILogger logger, long milliseconds);
}
