using System.Text;

namespace Sks.TestSupport;

/// <summary>What a program left behind that ran to its end.</summary>
/// <param name="Command">What was run.</param>
/// <param name="ExitCode">Exit code; 128 plus the number of the signal that ended it, so 139 is a segmentation fault.</param>
/// <param name="OutputBytes">Standard output.</param>
/// <param name="Error">Standard error, as UTF-8.</param>
public sealed record ProcessResult(ProcessCommand Command, int ExitCode, byte[] OutputBytes, string Error)
{
    /// <summary>Standard output, as UTF-8.</summary>
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>The lines of <see cref="Output"/>, empty ones left out.</summary>
    public IReadOnlyList<string> OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Returns this result.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not 0; the message has both outputs.</exception>
    public ProcessResult EnsureSuccess() =>
        ExitCode == 0 ? this : throw new InvalidOperationException(ToString());

    /// <summary>Command, exit code and both outputs, for messages.</summary>
    public override string ToString() => $"{Command}\nexit code {ExitCode}\n{Output}\n{Error}";
}
