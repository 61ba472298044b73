using System.Globalization;
using System.Text.RegularExpressions;

namespace Sks.LoadHarness.Peers;

/// <summary>Bytes of messages of one session so far, both ways, as a server logs them, and how many comparisons there were until then.</summary>
/// <param name="Sync">Everything but certificates.</param>
/// <param name="Fetch">Certificates, and what it takes to offer them.</param>
/// <param name="Compared">Comparisons.</param>
internal sealed partial record SessionTraffic(long Sync, long Fetch, int Compared)
{
    /// <summary>What a server has logged about sessions, one after the other.</summary>
    /// <param name="lines">Its log, at the level Debug.</param>
    public static IReadOnlyList<SessionTraffic> Read(IEnumerable<string> lines)
    {
        List<SessionTraffic> all = [];
        int compared = 0;
        foreach (string line in lines)
        {
            if (line.Contains("Compared with peer ", StringComparison.Ordinal))
                compared++;
            else if (Line().Match(line) is { Success: true } match)
                all.Add(new SessionTraffic(Number(match, 1) + Number(match, 2), Number(match, 3) + Number(match, 4), compared));
        }

        return all;
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("Messages with peer .*, in bytes: ([0-9]+) received and ([0-9]+) sent in Sync, ([0-9]+) and ([0-9]+) in Fetch", RegexOptions.None, 1000)]
    private static partial Regex Line();
}
