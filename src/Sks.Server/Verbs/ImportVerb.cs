using System.CommandLine;
using Sks.Admin.V1;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;
using Sks.Server.Import;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd import PATH…</c></summary>
internal static class ImportVerb
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Keyring or dump file, binary or armored; a folder, for all *.pgp, *.gpg, *.asc and *.key below it, verified by metadata-*.txt where there is one; - for standard input",
        };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        Option<string[]> profile = VerbOptions.Profile();
        Option<bool> json = VerbOptions.Json("Print the result as one JSON object");
        var command = new Command(
            "import",
            "Take certificates in from keyrings, with or without a running node. Exit code 1 when a file could not be read, or nothing was accepted.")
        {
            paths, data, config, profile, json,
        };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(
                parsed.LoadSettings(data, config, profile), parsed.GetRequiredValue(paths), parsed.Has(profile), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        ServerSettings settings, string[] paths, bool hasProfile, bool json, CancellationToken cancellationToken)
    {
        (IReadOnlyList<KeyringFile> files, IReadOnlyList<UnreadablePath> unreadable) = KeyringFiles.Find(paths);
        if (KeyringFiles.FindMetadata(paths) is { Count: > 0 } metadata)
        {
            (files, IReadOnlyList<UnreadablePath> problems) = await TerminalProgress.RunAsync(
                "verifying",
                files.Sum(static file => file.Length ?? 0),
                json,
                progress => DumpVerification.VerifyAsync(files, metadata, settings.Node, progress, cancellationToken));
            unreadable = [.. unreadable, .. problems];
        }

        ImportResult result = files.Count == 0
            ? new ImportResult(0, 0, 0, 0, 0, [], [])
            : await ImportAsync(settings, files, hasProfile, json, cancellationToken);
        result = result with { Unreadable = [.. unreadable, .. result.Unreadable] };
        Print(result, json);
        return result.IsSuccess ? ExitCode.Done : ExitCode.No;
    }

    private static async Task<ImportResult> ImportAsync(
        ServerSettings settings, IReadOnlyList<KeyringFile> files, bool hasProfile, bool json, CancellationToken cancellationToken)
    {
        await using LocalNode? running = await LocalNode.FindRunningAsync(new DataDirectory(settings.Node.DataDirectory), cancellationToken);
        if (running is not null && hasProfile)
            throw CommandException.Usage("--profile: the server is running and keeps up what it was started with; give it there, see docs/dialects.md");
        ICertificateImporter importer = running is null
            ? new OfflineImporter(settings.Node)
            : new RunningNodeImporter(new AdminService.AdminServiceClient(running.Channel));

        long? total = files.All(file => file.Length is not null) ? files.Sum(file => file.Length!.Value) : null;
        return await TerminalProgress.RunAsync("importing", total, json, progress => importer.ImportAsync(files, progress, cancellationToken));
    }

    private static void Print(ImportResult result, bool json)
    {
        foreach (UnreadablePath path in result.Unreadable)
            Terminal.WriteError($"{path.Path}: {path.Error}");
        if (json)
        {
            Terminal.WriteJson(result);
            return;
        }

        foreach (RejectionGroup group in result.Rejections)
        {
            Terminal.WriteLine($"rejected, {group.Reason}: {group.Count}");
            foreach (RejectionExample example in group.Examples)
                Terminal.WriteLine(ErrorReport.OneLine($"  {example.Fingerprint ?? "(no fingerprint)"} in {example.File}"));
        }

        if (result.Resumed > 0)
            Terminal.WriteLine($"resumed: {result.Resumed} files had been read before an interruption, and were not read again");
        Terminal.WriteLine(result.LastLine);
    }
}
