using Sks.Server.CommandLine;

namespace Sks.Server.Configuration.Sksconf;

/// <summary>One setting in SKS's configuration file.</summary>
/// <param name="Origin">File and line, for messages.</param>
/// <param name="Name">Its name, as written: case matters.</param>
/// <param name="Value">What follows the colon, without blanks around it; quotes are part of it.</param>
internal sealed record SksconfLine(string Origin, string Name, string Value);

/// <summary>Reads SKS's configuration file: <c>name: value</c> on each line, <c>#</c> begins a comment anywhere.</summary>
internal static class SksconfFile
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads all lines of a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or a line is no setting.</exception>
    public static IEnumerable<string> ReadLines(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw CommandException.Usage($"--sks-config: {path} is larger than {MaxBytes} bytes");
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--sks-config: {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads settings.</summary>
    /// <param name="path">What to call the file.</param>
    /// <param name="lines">Its lines.</param>
    /// <exception cref="CommandException">A line is no setting.</exception>
    public static IEnumerable<SksconfLine> Parse(string path, IEnumerable<string> lines)
    {
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string setting = line.Split('#')[0].Trim();
            if (setting.Length == 0)
                continue;
            int colon = setting.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw CommandException.Usage($"{path}:{number}: '{setting}' is not NAME: VALUE");
            yield return new SksconfLine($"{path}:{number}", setting[..colon].TrimEnd(), setting[(colon + 1)..].TrimStart());
        }
    }
}
