using System.Globalization;

namespace Sks.LoadHarness;

/// <summary>Options of the verbs, each with a value: <c>--name value</c>.</summary>
internal sealed record HarnessOptions
{
    private const int MaxConnections = 256;
    private const int MaxSeconds = 600;

    /// <summary>Names a set of synthetic certificates.</summary>
    public int Seed { get; private init; } = 1;

    /// <summary>Number of the first synthetic certificate.</summary>
    public int First { get; private init; }

    /// <summary>Requests under way at a time.</summary>
    public int Connections { get; private init; } = 8;

    /// <summary>Ends a load.</summary>
    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(10);

    /// <summary>Ends a load, too.</summary>
    public int MaxRequests { get; private init; } = 10_000_000;

    /// <summary>Whether each request gets a connection of its own, as gpg does it.</summary>
    public bool Closes { get; private init; }

    /// <summary>Reads what follows the verb's own arguments.</summary>
    /// <exception cref="ArgumentException">Something else than known options with values.</exception>
    public static HarnessOptions Parse(string[] arguments)
    {
        var options = new HarnessOptions();
        foreach (string[] pair in arguments.Chunk(2))
        {
            if (pair.Length != 2 || !int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value))
                throw new ArgumentException($"{pair[0]} needs a number.");
            options = pair[0] switch
            {
                "--seed" => options with { Seed = value },
                "--first" => options with { First = value },
                "--connections" => options with { Connections = Math.Clamp(value, 1, MaxConnections) },
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(Math.Clamp(value, 1, MaxSeconds)) },
                "--requests" => options with { MaxRequests = value },
                "--close" => options with { Closes = value != 0 },
                _ => throw new ArgumentException($"{pair[0]} is no option."),
            };
        }

        return options;
    }
}
