using System.Globalization;
using System.Text;

namespace Sks.TestSupport;

/// <summary>Reads Linux's <c>/proc</c> to find processes that are no longer our children.</summary>
internal static class ProcessTable
{
    /// <summary>Process ids of a process group, without those that are dead and only wait to be reaped.</summary>
    public static IEnumerable<int> InGroup(int group) =>
        Processes().Where(id =>
        {
            // pid (name) state ppid pgrp ...; the name may contain anything, so start behind its last parenthesis.
            var stat = Encoding.Latin1.GetString(Read(id, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields is [not "Z" and not "X", _, var pgrp, ..] && pgrp == group.ToString(CultureInfo.InvariantCulture);
        });

    /// <summary>Process ids that were started with <paramref name="variable"/> set to <paramref name="value"/>.</summary>
    public static IEnumerable<int> WithEnvironment(string variable, string value)
    {
        var wanted = Encoding.UTF8.GetBytes($"\0{variable}={value}\0");
        return Processes().Where(id => ((ReadOnlySpan<byte>)[0, .. Read(id, "environ")]).IndexOf(wanted) >= 0);
    }

    /// <summary>Whether a process runs the program <paramref name="name"/> (at most 15 characters).</summary>
    public static bool IsNamed(int id, string name) => Encoding.Latin1.GetString(Read(id, "comm")).TrimEnd('\n') == name;

    private static IEnumerable<int> Processes() =>
        from path in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(path)
        where int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select int.Parse(name, CultureInfo.InvariantCulture);

    /// <summary>A file of one process; empty when the process has just ended or belongs to somebody else.</summary>
    private static byte[] Read(int id, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
