using System.CommandLine;
using System.Text;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;
using Sks.Server.Configuration.Sksconf;

namespace Sks.Server.Verbs;

/// <summary><c>sksd migrate DIR</c></summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of an SKS server: reads sksconf, membership and mailsync there or in etc/sks below it" };
        var output = new Option<string>("--output") { HelpName = "FILE", Description = "Where to write; a file that exists is left alone. Default: standard output" };
        var command = new Command(
            "migrate",
            "Write the configuration file (JSON) that does what an SKS server's configuration does, for sksd run --config. " +
            "Settings that have no meaning here are named in comments. See docs/moving.md.")
        {
            folder, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ConfigurationLayer layer = SksConfiguration.ReadFolder(Path.GetFullPath(parsed.GetRequiredValue(folder)), "migrate");
            SettingsLoader.Load([layer]);
            string text = SksMigration.Write(layer, parsed.GetRequiredValue(folder));
            if (parsed.GetValue(output) is not { } path)
            {
                Terminal.WriteLine(text.TrimEnd());
                return ExitCode.Done;
            }

            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            Terminal.WriteLine(ErrorReport.OneLine($"written: {path}; {layer.Settings.Count} settings, {layer.Notes.Count} comments"));
            return ExitCode.Done;
        });
        return command;
    }
}
