using Xunit;

namespace Sks.TestSupport;

/// <summary>Finds the foreign programs that interop tests talk to.</summary>
/// <remarks>
/// A missing tool skips the test on a developer's machine and fails it where the environment variable
/// <see cref="RequiredVariable"/> is <c>1</c>, so that CI never goes quietly green.
/// </remarks>
public static class InteropTool
{
    /// <summary>Name of the environment variable that turns "skipped, tool is missing" into a failure.</summary>
    public const string RequiredVariable = "SKS_REQUIRE_INTEROP";

    // Debian puts daemons where the PATH of an ordinary user does not look.
    private static readonly string[] DaemonFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>Whether this run insists on all foreign tools and data being there.</summary>
    public static bool IsRequired => Environment.GetEnvironmentVariable(RequiredVariable) == "1";

    /// <summary>Absolute path of <paramref name="name"/> on PATH or in a folder for daemons; null when there is none.</summary>
    public static string? Find(string name)
    {
        const UnixFileMode anyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(DaemonFolders);
        return folders
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(path => File.Exists(path) && (File.GetUnixFileMode(path) & anyExecute) != 0);
    }

    /// <summary>Absolute path of <paramref name="name"/>. When there is none, the calling test is skipped or fails.</summary>
    public static string Require(string name) => Require(name, IsRequired);

    /// <inheritdoc cref="Require(string)"/>
    /// <param name="required">Whether a missing tool is a failure instead of a skip.</param>
    public static string Require(string name, bool required)
    {
        var path = Find(name);
        if (path is null)
            Missing($"the program '{name}' is not installed", required);

        return path!;
    }

    /// <summary>Skips the calling test, or fails it when <paramref name="required"/>. Never returns.</summary>
    internal static void Missing(string reason, bool required)
    {
        if (required)
            Assert.Fail($"{reason}, and {RequiredVariable}=1 demands it");

        Assert.Skip(reason);
    }
}
