using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Runs the <c>sksd</c> that was built with these tests.</summary>
internal static class Sksd
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "sksd.dll");

    /// <summary>Runs a verb to its end.</summary>
    public static Task<ProcessResult> RunAsync(params IReadOnlyList<string> arguments) => RunAsync(Command(arguments));

    /// <summary>Runs a command to its end.</summary>
    public static Task<ProcessResult> RunAsync(ProcessCommand command) =>
        ProcessRunner.RunAsync(command, null, TestContext.Current.CancellationToken);

    /// <summary>The command line of a verb. Settings in the environment of whoever runs the tests must not matter.</summary>
    public static ProcessCommand Command(params IReadOnlyList<string> arguments) => new("dotnet", [Executable, .. arguments])
    {
        Environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("SKS__", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(name => name, _ => (string?)null),
    };

    /// <summary>The one line that says what went wrong. There must be no other, save log lines of a node.</summary>
    public static string SingleError(this ProcessResult result)
    {
        const string start = "sksd: ";
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string error = Assert.Single(lines, line => line.StartsWith(start, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line == error || line.Contains(" info: Sks.", StringComparison.Ordinal), line));
        return error;
    }
}
