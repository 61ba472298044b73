
namespace Sks.Server.Configuration;

/// <summary>What goes to the log, which is standard error.</summary>
/// <remarks>
/// The level is for our own messages. Those of the web server stay at Warning whatever is asked for: below it they hold request URLs, and these hold
/// people's addresses.
/// </remarks>
public sealed class LogOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Log";

    /// <summary>Least important messages to write: Trace, Debug, Information, Warning, Error, Critical or None. Default: Information.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;
}
