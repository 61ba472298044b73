using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.Server.CommandLine;
using Sks.Server.Dump;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd dump DIR</c></summary>
internal static partial class DumpVerb
{
    private const int DefaultKeysPerFile = 15_000;
    private const string DefaultPrefix = "sks-dump";
    private const string FullView = "full";
    private const string CleanView = "clean";

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder to write to; created when missing" };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var keysPerFile = new Option<int>("--keys-per-file")
        {
            HelpName = "N",
            Description = "Certificates per file",
            DefaultValueFactory = _ => DefaultKeysPerFile,
        };
        keysPerFile.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out int count) && count < 1)
                result.AddError("--keys-per-file: must be 1 or more");
        });
        var prefix = new Option<string>("--prefix")
        {
            HelpName = "NAME",
            Description = $"First part of the file names; {DumpStart.Prefix} with --since, unless given",
            DefaultValueFactory = _ => DefaultPrefix,
        };
        prefix.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !PlainName().IsMatch(name))
                result.AddError($"--prefix: '{name}' is not a plain file name");
            else if (result.Tokens is [{ Value: var reserved }] && reserved.EndsWith(SksDumpWriter.ModernSuffix, StringComparison.Ordinal))
                result.AddError($"--prefix: '{reserved}' would be mistaken for the version 6 part of another dump");
        });
        var view = new Option<string>("--view")
        {
            Description = "Which packets: full for all that SKS would hold, clean for those that are proven",
            DefaultValueFactory = _ => FullView,
        };
        view.AcceptOnlyFromAmong(FullView, CleanView);
        var since = new Option<DumpStart>("--since")
        {
            HelpName = "WHEN",
            Description = "Only certificates that changed since: a cursor, as dump, watch and stats print it, a time (2026-03-01T12:00Z), or seconds since 1970. " +
                "The log of changes goes back 31 days, and not behind an import without a running node or a restore",
            CustomParser = static result =>
            {
                DumpStart? start = DumpStart.Parse(result.Tokens.Single().Value);
                if (start is null)
                    result.AddError($"--since: '{result.Tokens.Single().Value}' is neither a cursor such as 0123456789abcdef:42, nor a time, nor seconds since 1970");
                return start;
            },
        };
        var force = new Option<bool>("--force") { Description = "Replace a dump that is there already" };
        Option<bool> json = VerbOptions.Json("Print the result as one JSON object");
        var command = new Command(
            "dump",
            "Write all certificates as SKS does, with or without a running node: NAME-0000.pgp, NAME-0001.pgp, ... and metadata-NAME.txt, which appears last. " +
            "Certificates of version 6, which SKS cannot read, go to NAME-v6-0000.pgp, ..., which the metadata does not name.")
        {
            folder, data, config, keysPerFile, prefix, view, since, force, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DumpStart? start = parsed.GetValue(since);
            string name = start is null || parsed.Has(prefix) ? parsed.GetRequiredValue(prefix) : DumpStart.Prefix;
            var writer = new SksDumpWriter(
                parsed.GetRequiredValue(folder), name, parsed.GetRequiredValue(keysPerFile), TimeProvider.System);
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            var request = new DumpRequest { View = parsed.GetValue(view) == CleanView ? DumpView.Clean : DumpView.Full };
            start?.Apply(request);
            DumpSummary summary = await DumpAsync(node, writer, request, parsed.GetValue(force), parsed.GetValue(json), cancellationToken);
            if (parsed.GetValue(json))
                Terminal.WriteJson(summary);
            else
                Terminal.WriteLine($"what changes from now on: sksd dump --since {summary.Cursor}");
            if (!parsed.GetValue(json))
                Terminal.WriteLine($"dumped: {summary.Certificates} certificates in {summary.Files} files");
            return ExitCode.Done;
        });
        return command;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.+-]*\z")]
    private static partial Regex PlainName();

    private static async Task<DumpSummary> DumpAsync(
        LocalNode node, SksDumpWriter writer, DumpRequest request, bool force, bool json, CancellationToken cancellationToken)
    {
        var client = new AdminService.AdminServiceClient(node.Channel);
        using AsyncServerStreamingCall<DumpResponse> call =
            client.Dump(request, cancellationToken: cancellationToken);
        if (!await call.ResponseStream.MoveNext(cancellationToken))
            throw new RpcException(new Status(StatusCode.Internal, "the node ended the dump before its beginning"));

        DumpResponse first = call.ResponseStream.Current;
        DumpSummary summary = await TerminalProgress.RunAsync(
            "dumping",
            (long)first.EstimatedCertificateCount,
            json,
            progress => writer.WriteAsync(Flatten(first, call.ResponseStream, cancellationToken), force, progress, cancellationToken));
        return summary with { Cursor = CursorText.Format(first.Cursor) };
    }

    private static async IAsyncEnumerable<DumpedCertificate> Flatten(
        DumpResponse first, IAsyncStreamReader<DumpResponse> rest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (Certificate certificate in first.Certificates)
            yield return new DumpedCertificate(certificate.Version, certificate.Data.Memory);
        await foreach (DumpResponse response in rest.ReadAllAsync(cancellationToken))
        {
            foreach (Certificate certificate in response.Certificates)
                yield return new DumpedCertificate(certificate.Version, certificate.Data.Memory);
        }
    }
}
