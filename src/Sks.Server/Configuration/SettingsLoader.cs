using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;
using Sks.Grpc;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Server.CommandLine;

namespace Sks.Server.Configuration;

/// <summary>Builds the settings from their layers. Whatever is unknown or wrong stops the start, with one line that names it.</summary>
internal static class SettingsLoader
{
    private const string ListenProperty = "Listen";

    /// <summary>Applies <paramref name="layers"/> in order, the last one winning, and checks the result.</summary>
    /// <exception cref="CommandException">A setting is unknown, or a value wrong.</exception>
    public static ServerSettings Load(IEnumerable<ConfigurationLayer> layers)
    {
        var settings = new ServerSettings();
        List<string> notes = [];
        foreach (ConfigurationLayer layer in layers)
        {
            notes.AddRange(layer.Notes);
            foreach ((string path, IReadOnlyList<string> values) in layer.Settings)
                Apply(settings, layer.Origin, path, values);
        }

        foreach ((string section, object options) in settings.Sections)
            Check(section, options);
        ValidateOptionsResult grpc = new GrpcOptionsValidator().Validate(Options.DefaultName, settings.Grpc);
        if (grpc.Failed)
            throw CommandException.Usage(grpc.Failures.First());
        ValidateOptionsResult peer = new PeerOptionsValidator().Validate(Options.DefaultName, settings.Peer);
        if (peer.Failed)
            throw CommandException.Usage(peer.Failures.First());
        settings.Notes = notes;
        return settings;
    }

    /// <summary>Every setting with its value, as it would be written in a configuration.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Describe(ServerSettings settings) =>
        from section in settings.Sections
        from property in Properties(section.Value.GetType())
        select KeyValuePair.Create($"{section.Key}:{property.Name}", SettingValue.Format(property.GetValue(section.Value)));

    /// <summary>The properties of an options class that can be configured. The socket's place is not one: every verb must find it.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.Name != nameof(GrpcOptions.AdminSocketPath));

    /// <summary>Checks one value as <see cref="Load"/> would, before it is part of a layer.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? CheckValue(string path, IReadOnlyList<string> values)
    {
        (object options, PropertyInfo property) = Find(new ServerSettings(), path) ?? throw new ArgumentException($"there is no setting {path}", nameof(path));
        try
        {
            SettingValue.Set(options, property, values);
        }
        catch (FormatException e)
        {
            return e.Message;
        }

        List<ValidationResult> failures = [];
        var context = new ValidationContext(options) { MemberName = property.Name };
        return Validator.TryValidateProperty(property.GetValue(options), context, failures) ? null : failures[0].ErrorMessage;
    }

    private static void Apply(ServerSettings settings, string origin, string path, IReadOnlyList<string> values)
    {
        if (Find(settings, path) is not (var options, var property))
            throw CommandException.Usage($"{origin}: unknown setting '{path}'");

        if (SettingValue.IsList(property) && values is [{ } scalar])
            values = scalar.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            SettingValue.Set(options, property, values);
        }
        catch (FormatException e)
        {
            throw CommandException.Usage($"{origin}: {path}: {e.Message}");
        }
    }

    private static (object Options, PropertyInfo Property)? Find(ServerSettings settings, string path)
    {
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        (string sectionName, string propertyName) = colon < 0 ? (path, "") : (path[..colon], path[(colon + 1)..]);
        object? options = settings.Sections
            .FirstOrDefault(section => section.Key.Equals(sectionName, StringComparison.OrdinalIgnoreCase)).Value;
        PropertyInfo? property = options is null
            ? null
            : Properties(options.GetType()).FirstOrDefault(candidate => candidate.Name.Equals(propertyName, StringComparison.OrdinalIgnoreCase));
        return property is null ? null : (options!, property);
    }

    private static void Check(string section, object options)
    {
        List<ValidationResult> failures = [];
        if (!Validator.TryValidateObject(options, new ValidationContext(options), failures, validateAllProperties: true))
            throw CommandException.Usage($"{section}: {failures[0].ErrorMessage}");

        foreach (PropertyInfo property in Properties(options.GetType()).Where(IsListener))
            CheckListener($"{section}:{property.Name}", (IEnumerable<string>)property.GetValue(options)!);
    }

    private static bool IsListener(PropertyInfo property) =>
        property.Name.StartsWith(ListenProperty, StringComparison.Ordinal) && typeof(IEnumerable<string>).IsAssignableFrom(property.PropertyType);

    private static void CheckListener(string path, IEnumerable<string> addresses)
    {
        List<string> all = [.. addresses];
        foreach (string address in all)
        {
            if (address != ListenAddress.Off && !ListenAddress.TryParse(address, out _))
                throw CommandException.Usage($"{path}: '{address}' is not ADDR:PORT (127.0.0.1:11371, [::1]:11371) nor '{ListenAddress.Off}'");
        }

        if (all.Count > 1 && all.Contains(ListenAddress.Off))
            throw CommandException.Usage($"{path}: '{ListenAddress.Off}' goes with no address");
    }
}
