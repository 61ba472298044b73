using System.Net;
using System.Net.Sockets;
using Sks.HkpAdapter;
using Sks.HkpAdapter.Mail;
using Sks.HkpAdapter.Recon;
using Sks.Server.CommandLine;

namespace Sks.Server.Configuration.Sksconf;

/// <summary>The configuration of an SKS server as a layer of ours: <c>sksconf</c>, <c>membership</c> and <c>mailsync</c> in one folder.</summary>
/// <remarks>
/// As observed with SKS: the last of several lines of one name wins, names of ports and <c>baseport</c> included; a flag is on whatever its value says;
/// case matters. Other than SKS, which dies of lines without a colon, every refusal names the line.
/// </remarks>
internal static class SksConfiguration
{
    private const string Option = "--sks-config";
    private const string DebianWebFolder = "var/lib/sks/www";
    private const string DebianFolder = "etc/sks";

    /// <summary>Reads the files in <paramref name="folder"/>, or in <c>etc/sks</c> below it, where Debian's SKS has them.</summary>
    /// <remarks>A folder <c>web</c> beside them is served, or <c>var/lib/sks/www</c> below the root that <c>etc/sks</c> is in.</remarks>
    /// <param name="folder">The folder.</param>
    /// <param name="origin">What the user has given it to, for messages.</param>
    /// <exception cref="CommandException">There are none, one cannot be read, or a setting is unknown or wrong.</exception>
    public static ConfigurationLayer ReadFolder(string folder, string origin = Option)
    {
        string? sksconf = Find(folder, "sksconf");
        string? membership = Find(folder, "membership");
        string? mailsync = Find(folder, "mailsync");
        if (sksconf is null && membership is null && mailsync is null)
            throw CommandException.Usage($"{origin}: there is neither sksconf nor membership in {folder} or {Path.Combine(folder, DebianFolder)}");

        Dictionary<string, IReadOnlyList<string>> settings = [];
        List<string> notes = [];
        if (sksconf is null)
            notes.Add($"there is no sksconf in {folder}");
        else
            ReadSettings(SksconfFile.Parse(sksconf, SksconfFile.ReadLines(sksconf)), ResolveNow, settings, notes);
        if (membership is null)
            notes.Add($"there is no membership in {folder}: no peers");
        else
            settings[$"{ReconOptions.Section}:{nameof(ReconOptions.MembershipFile)}"] = [membership];

        // Where sks_add_mail goes on leaving mails.
        string[] places = [Path.Combine(folder, "messages"), Path.Combine(folder, "var", "spool", "sks", "messages")];
        if (places.FirstOrDefault(Directory.Exists) is { } messages)
            settings[$"{MailOptions.Section}:{nameof(MailOptions.MessagesDirectory)}"] = [messages];
        if (mailsync is not null && CountAddresses(SksconfFile.ReadLines(mailsync)) > 0)
            SendTo(mailsync, settings);
        if (FindWeb(folder) is { } web)
            settings[$"{HkpOptions.Section}:{nameof(HkpOptions.WebDirectory)}"] = [web];
        return new ConfigurationLayer(origin, settings) { Notes = notes };
    }

    /// <summary>Translates settings.</summary>
    /// <param name="lines">The settings in the order of the file.</param>
    /// <param name="resolve">Finds addresses of names; empty when there are none.</param>
    /// <param name="settings">Gets ours by <c>Section:Property</c>.</param>
    /// <param name="notes">Gets what has no effect.</param>
    /// <exception cref="CommandException">A setting is unknown or wrong; the message has file and line.</exception>
    public static void ReadSettings(
        IEnumerable<SksconfLine> lines, Func<string, IReadOnlyList<IPAddress>> resolve, Dictionary<string, IReadOnlyList<string>> settings, List<string> notes)
    {
        var listeners = new SksconfListeners(resolve);
        foreach (SksconfLine line in lines)
        {
            if (!SksconfTable.Entries.TryGetValue(line.Name, out SksconfEntry? entry))
                throw CommandException.Usage($"{line.Origin}: unknown setting '{line.Name}'");
            if (entry.IsFlag && line.Value.Length > 0)
                notes.Add($"{line.Origin}: {line.Name} is on without a value; '{line.Value}' is passed over, as by SKS");
            try
            {
                Apply(entry, line, listeners, settings, notes);
            }
            catch (FormatException e)
            {
                throw CommandException.Usage($"{line.Origin}: {line.Name}: {e.Message}");
            }
        }

        foreach ((string path, IReadOnlyList<string> values) in listeners.Read())
            settings[path] = values;
    }

    private static void Apply(
        SksconfEntry entry, SksconfLine line, SksconfListeners listeners, Dictionary<string, IReadOnlyList<string>> settings, List<string> notes)
    {
        switch (entry)
        {
            case TranslatedEntry translated:
                string value = translated.Translate(line.Value);
                foreach (string path in translated.Paths)
                {
                    if (SettingsLoader.CheckValue(path, [value]) is { } problem)
                        throw new FormatException($"'{line.Value}': {problem}");
                    settings[path] = [value];
                }

                break;
            case ListenerEntry listener:
                listener.Apply(listeners, line.Value);
                break;
            case IneffectiveEntry ineffective:
                notes.Add($"{line.Origin}: {line.Name}: {ineffective.Reason}");
                break;
        }
    }

    // Without from_addr SKS goes by its user and host.
    private static void SendTo(string mailsync, Dictionary<string, IReadOnlyList<string>> settings)
    {
        settings[$"{MailOptions.Section}:{nameof(MailOptions.SendToFile)}"] = [mailsync];
        string host = settings.TryGetValue($"{HkpOptions.Section}:{nameof(HkpOptions.Hostname)}", out IReadOnlyList<string>? hostname) ? hostname[0] : Dns.GetHostName();
        settings.TryAdd($"{MailOptions.Section}:{nameof(MailOptions.Address)}", [$"{Environment.UserName}@{host}"]);
    }

    private static string? Find(string folder, string name) =>
        new[] { Path.Combine(folder, name), Path.Combine(folder, DebianFolder, name) }.FirstOrDefault(File.Exists);

    private static string? FindWeb(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string root = full.EndsWith('/' + DebianFolder, StringComparison.Ordinal) ? full[..^DebianFolder.Length] : full;
        return new[] { Path.Combine(full, "web"), Path.Combine(full, DebianFolder, "web"), Path.Combine(root, DebianWebFolder) }.FirstOrDefault(Directory.Exists);
    }

    private static int CountAddresses(IEnumerable<string> lines) => lines.Count(static line => line.Split('#')[0].Trim().Length > 0);

    // Names are rare here, and there is nothing else to do before they are known.
    private static IReadOnlyList<IPAddress> ResolveNow(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }
}
