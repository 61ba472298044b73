using System.Globalization;
using Sks.LoadHarness.Load;
using Sks.LoadHarness.Peers;
using Sks.LoadHarness.Synthetic;

namespace Sks.LoadHarness;

/// <summary>What the harness can do with real servers that are peers of their own kind. Each prints lines of names and values.</summary>
internal static class PeerVerbs
{
    private const int ChainSeed = 21;
    private const int PairSeed = 22;
    private const int WarmUp = 100;

    public static async Task<int> ChainAsync(string sksd, string folder, string length, string count)
    {
        ChainFigures figures = await new ChainRun(sksd, folder, Number(length)).RunAsync(new SyntheticKeyring(ChainSeed), WarmUp, Number(count)).ConfigureAwait(false);
        Console.WriteLine($"servers={length} {figures}");
        return 0;
    }

    public static async Task<int> PairAsync(string sksd, string folder, string size, string runs, string[] differences)
    {
        int count = Number(size);
        var keyring = new SyntheticKeyring(PairSeed);
        string file = Path.Combine(folder, "pair.pgp");
        FileStream stream = File.Create(file);
        await using (stream.ConfigureAwait(false))
            keyring.Write(stream, 0, count);
        var run = new PairRun(sksd, folder);
        await using (run.ConfigureAwait(false))
        {
            Console.WriteLine($"certificates={count} {await run.BootstrapAsync(file, count).ConfigureAwait(false)}");
            Console.WriteLine($"certificates={count} {await run.CompareEqualAsync().ConfigureAwait(false)}");
            foreach (int difference in differences.SelectMany(text => Enumerable.Repeat(Number(text), Number(runs))))
                Console.WriteLine($"certificates={count} {await run.DifferAsync(keyring, difference).ConfigureAwait(false)}");
        }

        return 0;
    }

    public static int Compression(string keyring)
    {
        foreach (string line in CompressionRun.Measure(HkpRequests.Split(keyring)))
            Console.WriteLine(line);
        return 0;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
