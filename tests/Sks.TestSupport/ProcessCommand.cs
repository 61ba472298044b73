namespace Sks.TestSupport;

/// <summary>A program with its arguments and surroundings; nothing runs yet.</summary>
/// <param name="Program">Path, or a name that <see cref="InteropTool.Find"/> finds.</param>
/// <param name="Arguments">Passed as they are; there is no shell.</param>
public sealed record ProcessCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Set on top of the environment of the test process; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Default: that of the test process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Standard input, followed by end of file. Default: empty.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The command as one would type it, for messages.</summary>
    public override string ToString() => string.Join(' ', [Program, .. Arguments]);
}
