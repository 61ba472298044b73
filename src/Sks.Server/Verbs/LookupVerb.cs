using System.CommandLine;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.Server.CommandLine;

namespace Sks.Server.Verbs;

/// <summary><c>sksd lookup WHAT…</c></summary>
internal static class LookupVerb
{
    public static Command Create()
    {
        var what = new Argument<string[]>("WHAT")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Fingerprint, key ID of 16 digits, SKS digest, or words that must all be in the user IDs",
        };
        var exact = new Option<bool>("--exact") { Description = "WHAT is a whole user ID or mail address" };
        var binary = new Option<bool>("--binary") { Description = "Print the certificates without armor" };
        var full = new Option<bool>("--full") { Description = "Also what is not proven, where the node's operator allows it; with --data always" };
        Option<bool> json = VerbOptions.Json("Print one JSON object per certificate and line");
        var command = new Command("lookup", "Print the certificates that match, armored. Exit code 1 when there are none.") { what, exact, full, binary, json };
        ClientOptions node = ClientOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(binary) && parsed.GetValue(json))
                throw CommandException.Usage("--binary and --json exclude each other");

            LookupTarget target = LookupTarget.Parse(string.Join(' ', parsed.GetRequiredValue(what)), parsed.GetValue(exact));
            await using ClientConnection connection = await ClientConnection.OpenAsync(parsed, node, mustRun: false, cancellationToken);
            return await connection.UseAsync(async client =>
            {
                CertificateView view = parsed.GetValue(full) ? CertificateView.Full : CertificateView.Served;
                IReadOnlyList<Certificate> found = await FindAsync(client, target, view, cancellationToken);
                if (found.Count == 0)
                    throw CommandException.No("nothing found");

                if (parsed.GetValue(json))
                    CertificateOutput.WriteJson(found);
                else
                    await CertificateOutput.WriteAsync(found, armored: !parsed.GetValue(binary), cancellationToken);
                return ExitCode.Done;
            });
        });
        return command;
    }

    private static async Task<IReadOnlyList<Certificate>> FindAsync(
        KeyService.KeyServiceClient client, LookupTarget target, CertificateView view, CancellationToken cancellationToken)
    {
        foreach (GetRequest request in target.Requests)
        {
            request.View = view;
            try
            {
                return (await client.GetAsync(request, cancellationToken: cancellationToken)).Certificates;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                // Perhaps it is the next one.
            }
        }

        List<Certificate> found = [];
        if (target.Search is null)
            return found;

        target.Search.View = view;
        using AsyncServerStreamingCall<SearchResponse> call = client.Search(target.Search, cancellationToken: cancellationToken);
        await foreach (SearchResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
            found.AddRange(response.Certificates);
        return found;
    }
}
