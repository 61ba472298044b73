using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.OpenPgp;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd explain FINGERPRINT</c></summary>
internal static class ExplainVerb
{
    private const string HexPrefix = "0x";

    public static Command Create()
    {
        var fingerprint = new Argument<string[]>("FINGERPRINT")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Fingerprint of a primary key: 32, 40 or 64 hex digits, with or without 0x and blanks",
        };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        Option<bool> json = VerbOptions.Json("Print one JSON object per certificate and line");
        var command = new Command(
            "explain",
            "Print a certificate packet by packet: what is served, and why the rest is left out. Works with or without a running node. " +
            "Exit code 1 when there is no such certificate.")
        {
            fingerprint, data, config, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Fingerprint wanted = Parse(parsed.GetRequiredValue(fingerprint));
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            IReadOnlyList<Explanation> explanations = await ExplainAsync(node, wanted, cancellationToken);
            foreach (Explanation explanation in explanations)
            {
                if (parsed.GetValue(json))
                    explanation.WriteJson();
                else
                    explanation.WriteText();
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Fingerprint Parse(string[] words)
    {
        string text = string.Concat(words).Replace(" ", "", StringComparison.Ordinal);
        string digits = text.StartsWith(HexPrefix, StringComparison.OrdinalIgnoreCase) ? text[HexPrefix.Length..] : text;
        return Fingerprint.TryParse(digits, out Fingerprint fingerprint)
            ? fingerprint
            : throw CommandException.Usage($"'{string.Join(' ', words)}' is no fingerprint (32, 40 or 64 hex digits)");
    }

    private static async Task<IReadOnlyList<Explanation>> ExplainAsync(LocalNode node, Fingerprint fingerprint, CancellationToken cancellationToken)
    {
        var request = new ExplainRequest { Fingerprint = ByteString.CopyFrom(fingerprint.Span) };
        using AsyncServerStreamingCall<ExplainResponse> call =
            new AdminService.AdminServiceClient(node.Channel).Explain(request, cancellationToken: cancellationToken);
        List<Explanation> explanations = [];
        try
        {
            await foreach (ExplainResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                if (response.Certificate is { } certificate)
                    explanations.Add(new Explanation(certificate));
                explanations[^1].Digests.AddRange(response.Digests);
                explanations[^1].Packets.AddRange(response.Packets);
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            throw CommandException.No("nothing found", e);
        }

        return explanations;
    }
}
