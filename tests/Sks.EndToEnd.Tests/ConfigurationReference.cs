using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sks.Server.Configuration;

namespace Sks.EndToEnd.Tests;

/// <summary>Writes the reference of all settings from what the options classes say about themselves.</summary>
internal static partial class ConfigurationReference
{
    private const string Introduction =
        """
        # Configuration

        Generated from the options classes: do not edit. A test compares; `SKS_UPDATE_DOCS=1 dotnet test --project tests/Sks.EndToEnd.Tests` rewrites it.

        Settings come from, the later overriding the earlier:

        1. `sksconf` and `membership` in the folder that `--sks-config DIR` names, see [recon.md](recon.md);
        2. the file that `--config FILE` names, in JSON;
        3. environment variables: `SKS__Hkp__Listen`, two underscores between the parts;
        4. the command line.

        ```json
        {
          "Node": { "DataDirectory": "/var/lib/sks" },
          "Hkp": { "Listen": ["0.0.0.0:11371", "[::]:11371"] }
        }
        ```

        A setting that takes several values is a list in the file, and separated by commas or blanks in the environment. A later list
        replaces an earlier one as a whole. An unknown setting or a wrong value stops the start, with one line that names it and exit code 2.
        Times are written `hours:minutes:seconds`.
        """;

    /// <summary>The whole page.</summary>
    public static string Write()
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n")).Append('\n');
        foreach ((string section, object options) in new ServerSettings().Sections)
        {
            XElement docs = ReadDocumentation(options.GetType().Assembly);
            page.Append($"\n## {section}\n\n{Summary(docs, "T:" + options.GetType().FullName)}\n\n");
            page.Append("| Setting | Default | Range | Meaning |\n|---|---|---|---|\n");
            foreach (PropertyInfo property in SettingsLoader.Properties(options.GetType()))
            {
                string summary = Summary(docs, $"P:{property.DeclaringType!.FullName}.{property.Name}");
                page.Append($"| `{section}:{property.Name}` | {Default(property, options)} | {Range(property)} | {summary} |\n");
            }
        }

        return page.ToString();
    }

    private static XElement ReadDocumentation(Assembly assembly) => XElement.Load(Path.ChangeExtension(assembly.Location, ".xml"));

    private static string Summary(XElement docs, string member)
    {
        XElement? summary = docs.Descendants("member").FirstOrDefault(element => element.Attribute("name")?.Value == member)?.Element("summary");
        Assert.True(summary is not null, $"{member} has no summary");
        return Blanks().Replace(string.Concat(summary.Nodes().Select(Markdown)), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")!.Value}`",
        _ => throw new NotSupportedException(node.ToString()),
    };

    private static string Default(PropertyInfo property, object options)
    {
        string value = SettingValue.Format(property.GetValue(options));
        return value.Length == 0 ? "none" : $"`{value}`";
    }

    private static string Range(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsEnum || type == typeof(bool))
            return SettingValue.Describe(type);
        return property.GetCustomAttribute<RangeAttribute>() switch
        {
            null => "",
            { Maximum: >= (double)long.MaxValue } range => $"{range.Minimum} or more",
            { } range => $"{range.Minimum} to {range.Maximum}",
        };
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
