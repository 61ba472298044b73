using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.Server.CommandLine;

namespace Sks.Server.Verbs;

/// <summary><c>sksd submit FILE</c></summary>
internal static class SubmitVerb
{
    private const string StandardInput = "-";
    private const int MaxBytes = 16 * 1024 * 1024;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Certificates, binary or armored; - for standard input" };
        Option<bool> json = VerbOptions.Json("Print one JSON object per certificate and line");
        var command = new Command(
            "submit",
            "Send certificates to a node as any client may, up to 16 MiB at once; for more, use import on the node's own machine. " +
            "Prints what became of each. Exit code 1 when one was rejected.")
        {
            file, json,
        };
        ClientOptions node = ClientOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ByteString data = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            await using ClientConnection connection = await ClientConnection.OpenAsync(parsed, node, mustRun: false, cancellationToken);
            return await connection.UseAsync(async client =>
            {
                bool anyRejected = false;
                await foreach (SubmissionOutcome outcome in SubmitAsync(client, data, cancellationToken))
                {
                    anyRejected |= outcome.Result == SubmissionResult.Rejected;
                    Print(outcome, parsed.GetValue(json));
                }

                return anyRejected ? ExitCode.No : ExitCode.Done;
            });
        });
        return command;
    }

    private static async Task<ByteString> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using Stream stream = OpenInput(path);
        using var data = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and int read)
        {
            data.Write(buffer, 0, read);
            if (data.Length > MaxBytes)
                throw CommandException.Usage($"{path} is larger than 16 MiB: use import on the node's own machine");
        }

        return UnsafeByteOperations.UnsafeWrap(data.GetBuffer().AsMemory(0, (int)data.Length));
    }

    private static Stream OpenInput(string path)
    {
        if (path == StandardInput)
            return Console.OpenStandardInput();
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.No($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static async IAsyncEnumerable<SubmissionOutcome> SubmitAsync(
        KeyService.KeyServiceClient client,
        ByteString data,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = client.Submit(cancellationToken: cancellationToken);
        Task sending = SendAsync(call.RequestStream, data, cancellationToken);
        await foreach (SubmitResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            foreach (SubmissionOutcome outcome in response.Outcomes)
                yield return outcome;
        }

        await sending;
    }

    private static async Task SendAsync(IClientStreamWriter<SubmitRequest> requests, ByteString data, CancellationToken cancellationToken)
    {
        await requests.WriteAsync(new SubmitRequest { RequestId = 1, Data = data }, cancellationToken);
        await requests.CompleteAsync();
    }

    private static void Print(SubmissionOutcome outcome, bool json)
    {
        string? fingerprint = HexText.OfOptional(outcome.Fingerprint);
        string? digest = HexText.OfOptional(outcome.SksDigest);
        string? content = HexText.OfOptional(outcome.ContentDigest);
        bool rejected = outcome.Result == SubmissionResult.Rejected;
        if (json)
            Terminal.WriteJson(new { Result = outcome.Result.ToString(), Reason = rejected ? outcome.Reason.ToString() : null, fingerprint, SksDigest = digest, ContentDigest = content });
        else if (rejected)
            Terminal.WriteLine($"{outcome.Result}: {fingerprint ?? "(no fingerprint)"}, {outcome.Reason}");
        else
            Terminal.WriteLine($"{outcome.Result}: {fingerprint}, digest {digest ?? HexText.None}, content {content ?? HexText.None}");
    }
}
