using System.Globalization;

namespace Sks.LoadHarness;

internal static class Program
{
    // A harness for one purpose does without a command-line library: anything unexpected prints the usage.
    public static async Task<int> Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return arguments switch
        {
            ["generate", var count, var file, .. var rest] => Verbs.Generate(count, file, HarnessOptions.Parse(rest)),
            ["import", var folder, .. { Length: > 0 } files] => await Verbs.ImportAsync(folder, files).ConfigureAwait(false),
            ["check", var folder] => await Verbs.CheckAsync(folder).ConfigureAwait(false),
            ["paths", var keyring, var file] => Verbs.WritePaths(keyring, file),
            ["get", var server, var keyring, .. var rest] => Verbs.Get(server, keyring, HarnessOptions.Parse(rest)),
            ["add", var server, var keyring, .. var rest] => Verbs.Add(server, keyring, HarnessOptions.Parse(rest)),
            ["sessions", var listen, var responder, var initiatorHkp, var responderHkp, .. { Length: > 0 } differences] =>
                await Verbs.SessionsAsync(listen, responder, initiatorHkp, responderHkp, differences).ConfigureAwait(false),
            ["sketches", var size, var runs, .. { Length: > 0 } differences] => Verbs.Sketches(size, runs, differences),
            ["chain", var sksd, var folder, var length, var count] => await PeerVerbs.ChainAsync(sksd, folder, length, count).ConfigureAwait(false),
            ["pair", var sksd, var folder, var size, var runs, .. { Length: > 0 } differences] =>
                await PeerVerbs.PairAsync(sksd, folder, size, runs, differences).ConfigureAwait(false),
            ["compression", var keyring] => PeerVerbs.Compression(keyring),
            _ => Verbs.Usage(),
        };
    }
}
