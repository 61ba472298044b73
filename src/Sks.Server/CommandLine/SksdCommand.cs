using System.CommandLine;
using System.CommandLine.Parsing;
using Sks.Server.Verbs;

namespace Sks.Server.CommandLine;

/// <summary>The whole command line of <c>sksd</c>.</summary>
internal static class SksdCommand
{
    private const string Description =
        """
        An OpenPGP keyserver: stores certificates (public keys), and serves them over HKP and gRPC.

        Without a verb it runs a node on ./sks-data. Then, in another terminal:
          sksd import keyring.pgp                take certificates in
          sksd lookup alice@example.org          find one
          gpg --keyserver hkp://127.0.0.1:11371 --search-keys alice@example.org

        Exit codes: 0 done; 1 the answer is "no" (nothing found, something rejected, a check that failed);
        2 wrong usage; 3 out of reach (no node, no store, a store or an address in use);
        75 a mail that could be left nowhere, to be tried again.
        """;

    /// <summary>Parses <paramref name="arguments"/> and does what they say.</summary>
    /// <returns>The exit code, see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        ParseResult parsed = Create().Parse(WithDefaultVerb(arguments));
        if (parsed.Errors.Count > 0)
        {
            Terminal.WriteError(Describe(parsed));
            return ExitCode.Usage;
        }

        using var stop = new StopSignal();
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, stop.Token);
        }
        catch (Exception e) when (ErrorReport.Describe(e) is { } report)
        {
            // When we stop because we were told to, whatever broke on the way is no news.
            bool interrupted = stop.Token.IsCancellationRequested;
            Terminal.WriteError(interrupted ? "interrupted" : report.Message);
            return interrupted ? ExitCode.Interrupted : report.ExitCode;
        }
    }

    /// <summary>The commands with their options.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(Description);
        root.Add(RunVerb.Create());
        root.Add(ImportVerb.Create());
        root.Add(DumpVerb.Create());
        root.Add(BackupVerb.Create());
        root.Add(MigrateVerb.Create());
        root.Add(CheckVerb.Create());
        root.Add(LookupVerb.Create());
        root.Add(ExplainVerb.Create());
        root.Add(SubmitVerb.Create());
        root.Add(StatsVerb.Create());
        root.Add(PeersVerb.Create());
        root.Add(PeerVerb.Create());
        root.Add(MailVerb.Create());
        root.Add(WatchVerb.Create());
        root.Add(RestrictVerb.CreateBlock());
        root.Add(RestrictVerb.CreateErase());
        root.Add(RestrictVerb.CreateUnblock());
        root.Add(RestrictionsVerb.Create());
        return root;
    }

    private static string Describe(ParseResult parsed)
    {
        bool isVerb = parsed.CommandResult.Command is not RootCommand;
        string problem = parsed.UnmatchedTokens is [{ } unknown, ..]
            ? (isVerb ? "unknown option or argument" : "unknown verb") + $" '{unknown}'"
            : parsed.Errors[0].Message.TrimEnd('.');
        return $"{problem}; see: sksd {PathTo(parsed.CommandResult)}--help";
    }

    // A verb with those it stands below, each with a blank behind it.
    private static string PathTo(CommandResult? result) =>
        result is null or { Command: RootCommand } ? "" : $"{PathTo(result.Parent as CommandResult)}{result.Command.Name} ";

    private static string[] WithDefaultVerb(string[] arguments) => arguments switch
    {
        [] => [RunVerb.Name],
        ["-h" or "-?" or "/h" or "/?" or "--help" or "--version", ..] => arguments,
        [['-', ..], ..] => [RunVerb.Name, .. arguments],
        _ => arguments,
    };
}
