using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.Server.CommandLine;

namespace Sks.Server.Verbs;

/// <summary><c>sksd watch</c></summary>
internal static class WatchVerb
{
    public static Command Create()
    {
        var from = new Option<Cursor>("--from")
        {
            HelpName = "CURSOR",
            Description = "Begin behind this change, as printed by an earlier watch, stats or dump. Default: now",
            CustomParser = result =>
            {
                Cursor? cursor = CursorText.Parse(result.Tokens.Single().Value);
                if (cursor is null)
                    result.AddError($"--from: '{result.Tokens.Single().Value}' is no cursor such as 0123456789abcdef:42");
                return cursor;
            },
        };
        Option<bool> json = VerbOptions.Json("Print one JSON object per change and line");
        var command = new Command(
            "watch",
            "Print every change as it happens, one line each: cursor, time, added, updated or removed, fingerprint, SKS digest, source, content digest. Ends with Ctrl-C.")
        {
            from, json,
        };
        ClientOptions node = ClientOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using ClientConnection connection = await ClientConnection.OpenAsync(parsed, node, mustRun: true, cancellationToken);
            try
            {
                return await connection.UseAsync(client => WatchAsync(client, parsed.GetValue(from), parsed.GetValue(json), cancellationToken));
            }
            catch (Exception e) when (cancellationToken.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
            {
                // Being stopped is how watching ends.
                return ExitCode.Done;
            }
        });
        return command;
    }

    private static async Task<int> WatchAsync(KeyService.KeyServiceClient client, Cursor? from, bool json, CancellationToken cancellationToken)
    {
        using AsyncServerStreamingCall<WatchResponse> call = client.Watch(new WatchRequest { Cursor = from }, cancellationToken: cancellationToken);
        bool isFirst = true;
        await foreach (WatchResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (isFirst)
                Terminal.WriteError($"watching from {CursorText.Format(response.Cursor)}");
            isFirst = false;
            foreach (Change change in response.Changes)
                Print(change, response.Cursor.Incarnation, json);
        }

        throw CommandException.Unreachable("the node has ended the watch");
    }

    private static void Print(Change change, ulong incarnation, bool json)
    {
        string cursor = CursorText.Format(new Cursor { Incarnation = incarnation, Sequence = change.Sequence });
        string fingerprint = Convert.ToHexString(change.Fingerprint.Span);
        string? newDigest = HexText.OfOptional(change.NewSksDigest);
        string? newContent = HexText.OfOptional(change.NewContentDigest);
        string kind = NameOf(change);
        if (json)
        {
            Terminal.WriteJson(new
            {
                cursor,
                Time = change.Time.ToDateTimeOffset(),
                Change = kind,
                fingerprint,
                OldSksDigest = HexText.OfOptional(change.OldSksDigest),
                NewSksDigest = newDigest,
                OldContentDigest = HexText.OfOptional(change.OldContentDigest),
                NewContentDigest = newContent,
                Source = change.Source.ToString(),
            });
            return;
        }

        string time = change.Time.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        Terminal.WriteLine($"{cursor} {time} {kind} {fingerprint} {newDigest ?? HexText.None} {change.Source} {newContent ?? HexText.None}");
    }

    private static string NameOf(Change change)
    {
        if (change.Removed)
            return "Removed";
        return change.OldSksDigest.IsEmpty && change.OldContentDigest.IsEmpty ? "Added" : "Updated";
    }
}
