using System.Globalization;

namespace Sks.HkpAdapter.Recon;

/// <summary>Ports that a membership file may give by name.</summary>
internal static class ServiceNames
{
    private const string File = "/etc/services";
    private const int MaxFileBytes = 4 * 1024 * 1024;

    // Those of keyservers need no entry in the system's list: few systems have any but hkp.
    private static readonly Dictionary<string, int> Known = new(StringComparer.Ordinal)
    {
        ["sks"] = 11370,
        ["recon"] = 11370,
        ["pgp"] = 11370,
        ["hkp"] = 11371,
    };

    /// <summary>Finds the TCP port of a service.</summary>
    public static bool TryFind(string name, out int port) => Known.TryGetValue(name, out port) || TryFind(name, ReadSystemList(), out port);

    /// <summary>Finds the TCP port of a service in lines <c>name port/tcp aliases # comment</c>.</summary>
    public static bool TryFind(string name, IEnumerable<string> lines, out int port)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2
                || !words.Where(static (_, index) => index != 1).Contains(name, StringComparer.Ordinal)
                || !words[1].EndsWith("/tcp", StringComparison.Ordinal))
            {
                continue;
            }

            if (ushort.TryParse(words[1].AsSpan(0, words[1].Length - "/tcp".Length), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
            {
                port = number;
                return number != 0;
            }
        }

        port = 0;
        return false;
    }

    private static string[] ReadSystemList()
    {
        try
        {
            return new FileInfo(File) is { Exists: true, Length: <= MaxFileBytes } ? System.IO.File.ReadAllLines(File) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
