namespace Sks.Server.CommandLine;

/// <summary>Ends a verb with one line for the user.</summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">What is wrong, and where there is one, what to do about it.</param>
/// <param name="innerException">What brought it about; never shown.</param>
internal sealed class CommandException(int exitCode, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public int ExitCode { get; } = exitCode;

    public static CommandException Usage(string message) => new(CommandLine.ExitCode.Usage, message);

    public static CommandException Unreachable(string message, Exception? innerException = null) =>
        new(CommandLine.ExitCode.Unreachable, message, innerException);

    public static CommandException No(string message, Exception? innerException = null) =>
        new(CommandLine.ExitCode.No, message, innerException);
}
