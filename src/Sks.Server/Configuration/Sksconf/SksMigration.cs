using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sks.Server.CommandLine;

namespace Sks.Server.Configuration.Sksconf;

/// <summary>Writes an SKS server's configuration as a configuration file of ours.</summary>
internal static class SksMigration
{
    // The file is for people; nothing puts it into a web page.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON with comments, sections and settings in the order in which people read about them.</summary>
    /// <param name="layer">What was read.</param>
    /// <param name="folder">Where from.</param>
    public static string Write(ConfigurationLayer layer, string folder)
    {
        var text = new StringBuilder();
        text.Append("{\n");
        Comment(text, $"For sksd run --config FILE, from the configuration of SKS in {folder}.");
        if (layer.Notes.Count > 0)
        {
            Comment(text, "");
            Comment(text, "What SKS was told and has no meaning here:");
            foreach (string note in layer.Notes)
                Comment(text, $"- {note}");
        }

        List<string> sections = [.. new ServerSettings().Sections
            .Select(section => WriteSection(layer, section.Key, section.Value.GetType()))
            .OfType<string>()];
        text.AppendJoin(",\n", sections).Append(sections.Count > 0 ? "\n" : "").Append("}\n");
        return text.ToString();
    }

    // One line, whatever stood in a file.
    private static void Comment(StringBuilder text, string line) => text.Append($"  // {ErrorReport.OneLine(line)}".TrimEnd()).Append('\n');

    private static string? WriteSection(ConfigurationLayer layer, string section, Type options)
    {
        List<string> settings = [];
        foreach (PropertyInfo property in SettingsLoader.Properties(options))
        {
            if (layer.Settings.TryGetValue($"{section}:{property.Name}", out IReadOnlyList<string>? values))
                settings.Add($"    {Quote(property.Name)}: {WriteValue(property, values)}");
        }

        return settings.Count == 0 ? null : $"  {Quote(section)}: {{\n{string.Join(",\n", settings)}\n  }}";
    }

    private static string WriteValue(PropertyInfo property, IReadOnlyList<string> values)
    {
        if (SettingValue.IsList(property))
            return $"[{string.Join(", ", values.Select(Quote))}]";
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type == typeof(bool) || type == typeof(int) || type == typeof(long) ? values[0] : Quote(values[0]);
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, Readable);
}
