using Sks.Server.CommandLine;

namespace Sks.Server.Configuration;

/// <summary>One place that settings come from. Each layer replaces what the ones before it said, lists as a whole.</summary>
/// <param name="origin">What to call it in an error.</param>
/// <param name="settings">Values by <c>Section:Property</c>, whatever the case.</param>
internal sealed class ConfigurationLayer(string origin, IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> settings)
{
    /// <summary>Variables begin with this; <c>SKS__Hkp__Listen</c> is <c>Hkp:Listen</c>.</summary>
    public const string EnvironmentPrefix = "SKS__";

    /// <summary>What to call the layer in an error.</summary>
    public string Origin { get; } = origin;

    /// <summary>What an operator should know about what the layer says, one line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Values by <c>Section:Property</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Settings { get; } =
        new Dictionary<string, IReadOnlyList<string>>(settings, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a JSON file.</summary>
    /// <exception cref="CommandException">It is missing, not JSON, or not an object of sections.</exception>
    public static ConfigurationLayer FromFile(string path)
    {
        if (!File.Exists(path))
            throw CommandException.Usage($"--config: there is no file {path}");

        try
        {
            IConfigurationRoot root = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path), optional: false).Build();
            return new ConfigurationLayer(path, Flatten(root, path));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--config: {path} cannot be read: {e.GetBaseException().Message}");
        }
    }

    /// <summary>Reads the environment.</summary>
    public static ConfigurationLayer FromEnvironment()
    {
        IConfigurationRoot root = new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix).Build();
        return new ConfigurationLayer("environment", Flatten(root, "environment"));
    }

    private static IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Flatten(IConfigurationRoot root, string origin)
    {
        foreach (IConfigurationSection section in root.GetChildren())
        {
            if (section.Value is not null)
                throw CommandException.Usage($"{origin}: '{section.Path}' must be a section of settings");

            foreach (IConfigurationSection setting in section.GetChildren())
            {
                // A scalar may stand for a list: an environment variable has no other way to say it.
                List<IConfigurationSection> elements = [.. setting.GetChildren()];
                if (elements.FirstOrDefault(element => !int.TryParse(element.Key, out _) || element.Value is null) is { } nested)
                    throw CommandException.Usage($"{origin}: unknown setting '{nested.Path}'");
                yield return new(setting.Path, setting.Value is { } value ? [value] : [.. elements.Select(element => element.Value!)]);
            }
        }
    }
}
