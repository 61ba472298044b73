using System.CommandLine;
using Google.Protobuf;
using Sks.Admin.V1;
using Sks.OpenPgp;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd block</c>, <c>sksd erase</c> and <c>sksd unblock</c></summary>
internal static class RestrictVerb
{
    private const string HexPrefix = "0x";

    public static Command CreateBlock() => Create(
        RestrictionKind.Block,
        "block",
        "Remove a certificate, a user ID of one, or an identity on all, and neither take it in nor serve it any more, with or without a running node.");

    public static Command CreateErase() => Create(
        RestrictionKind.Erase,
        "erase",
        "Block, and purge what was stored from the disk, which rewrites the store. Of an erased certificate only a revocation is still accepted. " +
        "Exit code 1 when the purge is not complete.");

    public static Command CreateUnblock() => Create(
        RestrictionKind.Retract,
        "unblock",
        "Take a block or an erasure back. What was removed does not come back by itself. Exit code 1 when there is nothing to take back.");

    private static Command Create(RestrictionKind kind, string name, string description)
    {
        var fingerprint = new Argument<string?>("FPR")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Fingerprint of the primary key, 32, 40 or 64 hex digits, with or without 0x",
        };
        var userId = new Option<string>("--user-id") { HelpName = "TEXT", Description = "Only this user ID of the certificate, exactly as it stands there" };
        var identity = new Option<string>("--identity")
        {
            HelpName = "ADDR",
            Description = "Instead of FPR: a mail address, or a whole user ID, on any certificate, whatever the case",
        };
        var reason = new Option<string>("--reason") { HelpName = "TEXT", Description = "Why, for the log on this node. It is never passed on" };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        Option<bool> json = VerbOptions.Json("Print the result as one JSON object");
        var command = new Command(name, description) { fingerprint, userId, identity, reason, data, config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RestrictRequest request = ReadSubject(parsed.GetValue(fingerprint), parsed.GetValue(userId), parsed.GetValue(identity));
            request.Kind = kind;
            request.Author = Operator.Name;
            request.Reason = parsed.GetValue(reason) ?? "";
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            if (kind == RestrictionKind.Erase && !parsed.GetValue(json))
                Terminal.WriteError("erasing rewrites the store; this may take a while");
            RestrictResponse response = await new AdminService.AdminServiceClient(node.Channel)
                .RestrictAsync(request, cancellationToken: cancellationToken);
            return Report(response, parsed.GetValue(json));
        });
        return command;
    }

    private static RestrictRequest ReadSubject(string? fingerprint, string? userId, string? identity)
    {
        if ((fingerprint is null) == (identity is null))
            throw CommandException.Usage("give either a fingerprint or --identity");
        if (userId is not null && fingerprint is null)
            throw CommandException.Usage("--user-id goes with a fingerprint");
        if (userId is "" || identity?.Trim() is "")
            throw CommandException.Usage("the text is empty");
        return new RestrictRequest
        {
            Fingerprint = fingerprint is null ? ByteString.Empty : ReadFingerprint(fingerprint),
            UserId = ByteString.CopyFromUtf8(userId ?? ""),
            Identity = identity ?? "",
        };
    }

    private static ByteString ReadFingerprint(string text)
    {
        string digits = text.Replace(" ", "", StringComparison.Ordinal);
        if (digits.StartsWith(HexPrefix, StringComparison.OrdinalIgnoreCase))
            digits = digits[HexPrefix.Length..];
        return Fingerprint.TryParse(digits, out Fingerprint fingerprint)
            ? ByteString.CopyFrom(fingerprint.Span)
            : throw CommandException.Usage($"'{text}' is no fingerprint of 32, 40 or 64 hex digits");
    }

    private static int Report(RestrictResponse response, bool json)
    {
        if (response.Status == RestrictionStatus.AlreadyErased)
            throw CommandException.No("it is erased, which includes being blocked; to block it only, unblock it first");
        foreach (ByteString origin in response.OtherOrigins)
            Terminal.WriteError($"node {Convert.ToHexStringLower(origin.Span)} restricts it too, and is honoured here");
        if (response.Status != RestrictionStatus.Done)
            throw CommandException.No("this node does not restrict it");

        if (json)
        {
            Terminal.WriteJson(new
            {
                Restriction = RestrictionText.ToJson(response.Restriction),
                response.RemovedCount,
                response.RewrittenCount,
                Purge = response.Purge is null ? null : new { response.Purge.Complete, response.Purge.HeldFiles },
            });
        }
        else
        {
            Terminal.WriteLine($"{RestrictionText.Done(response.Restriction.Kind)}: {RestrictionText.Subject(response.Restriction.Subject)}");
            if (response.Restriction.Kind == RestrictionKind.Retract)
                Terminal.WriteLine("what was removed does not come back by itself: its owner or a peer has to send it");
            else
                Terminal.WriteLine(RestrictionText.Effect(response.RemovedCount, response.RewrittenCount));
        }

        return RestrictionText.Report(response.Purge, json);
    }
}
