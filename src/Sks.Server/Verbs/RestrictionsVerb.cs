using System.CommandLine;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd restrictions list|export|import|confirm</c></summary>
internal static class RestrictionsVerb
{
    private const string StandardStream = "-";
    private const int RecordsPerRequest = 1000;
    private const int MaxReported = 20;

    public static Command Create()
    {
        var command = new Command("restrictions", "List, export and import what is blocked and erased, with or without a running node.");
        command.Add(CreateList());
        command.Add(CreateExport());
        command.Add(CreateImport());
        command.Add(CreateConfirm());
        return command;
    }

    private static Command CreateList()
    {
        var all = new Option<bool>("--all") { Description = "Everything that was ever issued or taken in, in that order: the audit trail" };
        Option<bool> json = VerbOptions.Json("Print one JSON object per restriction and line");
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command("list", "Print what is restricted, one line each.") { all, json, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            using AsyncServerStreamingCall<ListRestrictionsResponse> call = new AdminService.AdminServiceClient(node.Channel)
                .ListRestrictions(new ListRestrictionsRequest { All = parsed.GetValue(all) }, cancellationToken: cancellationToken);
            bool isFirst = true;
            await foreach (ListRestrictionsResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                if (isFirst)
                    Announce(response);
                isFirst = false;
                foreach (Restriction restriction in response.Restrictions)
                    Print(restriction, parsed.GetValue(json));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Announce(ListRestrictionsResponse response)
    {
        Terminal.WriteError($"this node is {Convert.ToHexStringLower(response.Origin.Span)}");
        if (response.PurgeNeeded)
            Terminal.WriteError("erased bytes may still be on the disk: a purge is under way, or is tried again");
    }

    private static void Print(Restriction restriction, bool json)
    {
        if (json)
            Terminal.WriteJson(RestrictionText.ToJson(restriction));
        else
            Terminal.WriteLine(RestrictionText.Line(restriction));
    }

    private static Command CreateExport()
    {
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command("export", "Print all signed records, without authors and reasons, for import by another node, or by this one after a restore.")
        {
            data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            using AsyncServerStreamingCall<ExportRestrictionsResponse> call = new AdminService.AdminServiceClient(node.Channel)
                .ExportRestrictions(new ExportRestrictionsRequest(), cancellationToken: cancellationToken);
            bool isFirst = true;
            await foreach (ExportRestrictionsResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                if (isFirst)
                    Terminal.WriteLine($"# restrictions of an OpenPGP keyserver, one signed record a line; exported by node {Convert.ToHexStringLower(response.Origin.Span)}");
                isFirst = false;
                foreach (ByteString record in response.Records)
                    Terminal.WriteLine(record.ToBase64());
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateImport()
    {
        var file = new Argument<string>("FILE") { Description = "What export has printed; - for standard input" };
        var reason = new Option<string>("--reason") { HelpName = "TEXT", Description = "Why, for the log on this node" };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command(
            "import",
            "Take signed records in: those of this node, and of the nodes that the setting Restrictions:Origins lists. " +
            "Known ones do no harm. Exit code 1 when a record was refused.")
        {
            file, reason, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<(int Line, ByteString Record)> records = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            ImportRestrictionsResponse response = await ImportAsync(node, records, parsed.GetValue(reason) ?? "", cancellationToken);
            return Report(response, records);
        });
        return command;
    }

    private static async Task<List<(int Line, ByteString Record)>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using Stream stream = path == StandardStream ? Console.OpenStandardInput() : Open(path);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        List<(int Line, ByteString Record)> records = [];
        for (int number = 1; await reader.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            line = line.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            try
            {
                records.Add((number, ByteString.FromBase64(line)));
            }
            catch (FormatException)
            {
                throw CommandException.No($"{path}: line {number} is no record");
            }
        }

        return records;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{path} cannot be read: {e.Message}");
        }
    }

    private static async Task<ImportRestrictionsResponse> ImportAsync(
        LocalNode node, List<(int Line, ByteString Record)> records, string reason, CancellationToken cancellationToken)
    {
        using AsyncClientStreamingCall<ImportRestrictionsRequest, ImportRestrictionsResponse> call =
            new AdminService.AdminServiceClient(node.Channel).ImportRestrictions(cancellationToken: cancellationToken);
        foreach ((int Line, ByteString Record)[] group in records.Chunk(RecordsPerRequest))
        {
            var request = new ImportRestrictionsRequest { Author = Operator.Name, Reason = reason, Records = { group.Select(item => item.Record) } };
            await call.RequestStream.WriteAsync(request, cancellationToken);
        }

        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    private static int Report(ImportRestrictionsResponse response, List<(int Line, ByteString Record)> records)
    {
        foreach (RefusedRestriction refused in response.Refused.Take(MaxReported))
        {
            string origin = refused.Origin.IsEmpty ? "" : $", node {Convert.ToHexStringLower(refused.Origin.Span)}";
            Terminal.WriteError($"line {records[(int)refused.Index].Line} refused: {Explain(refused.Reason)}{origin}");
        }

        if (response.PendingCount > 0)
            Terminal.WriteLine($"erasures that only hide until they are due or confirmed: {response.PendingCount}");
        Terminal.WriteLine(RestrictionText.Effect(response.RemovedCount, response.RewrittenCount));
        Terminal.WriteLine($"restrictions: {response.AddedCount} added, {response.UnchangedCount} unchanged, {response.Refused.Count} refused");
        int purge = RestrictionText.Report(response.Purge, json: false);
        return response.Refused.Count > 0 ? ExitCode.No : purge;
    }

    private static string Explain(RestrictionRefusal reason) => reason switch
    {
        RestrictionRefusal.UnknownOrigin => "its origin is not listed in the setting Restrictions:Origins",
        RestrictionRefusal.BadSignature => "its origin has not signed it",
        RestrictionRefusal.Conflict => "another record of the same origin and sequence is known",
        _ => "it is no record that this release knows",
    };

    private static Command CreateConfirm()
    {
        var id = new Argument<string>("ID") { Description = "The erasure, as list prints it in brackets" };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command("confirm", "Purge now what an erasure of another node only hides so far. Exit code 1 when there is no such erasure.")
        {
            id, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ConfirmRestrictionRequest request = ReadId(parsed.GetRequiredValue(id));
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            ConfirmRestrictionResponse response = await new AdminService.AdminServiceClient(node.Channel)
                .ConfirmRestrictionAsync(request, cancellationToken: cancellationToken);
            if (response.Status != RestrictionStatus.Done)
                throw CommandException.No("no erasure with this ID waits");
            Terminal.WriteLine($"confirmed: {RestrictionText.Subject(response.Restriction.Subject)}");
            Terminal.WriteLine(RestrictionText.Effect(response.RemovedCount, response.RewrittenCount));
            return RestrictionText.Report(response.Purge, json: false);
        });
        return command;
    }

    private static ConfirmRestrictionRequest ReadId(string text)
    {
        string[] parts = text.Split(':');
        return parts is [{ } origin, { } sequence]
            && NodeId.TryParse(origin, out NodeId id)
            && ulong.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? new ConfirmRestrictionRequest { Origin = ByteString.CopyFrom(id.ToArray()), Sequence = number, Author = Operator.Name }
            : throw CommandException.Usage($"'{text}' is no ID such as list prints it, 64 hex digits, a colon and a number");
    }
}
