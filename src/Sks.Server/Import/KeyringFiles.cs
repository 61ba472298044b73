using System.Globalization;

namespace Sks.Server.Import;

/// <summary>A keyring to import.</summary>
/// <param name="Name">What to call it: the path, or <c>-</c>.</param>
/// <param name="Length">Its size in bytes; null for standard input.</param>
internal sealed record KeyringFile(string Name, long? Length)
{
    public const string StandardInput = "-";

    private const int BufferSize = 1 << 16;

    /// <summary>What tells the file as it is from others and from what it may become; null for standard input.</summary>
    public string? Identity => Length is null
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFullPath(Name)} {Length} {File.GetLastWriteTimeUtc(Name).Ticks}");

    public Stream Open() => Name == StandardInput
        ? Console.OpenStandardInput()
        : new FileStream(Name, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);
}

/// <summary>A path that could not be read, and why.</summary>
internal sealed record UnreadablePath(string Path, string Error);

/// <summary>Finds the keyrings that the arguments of <c>import</c> mean.</summary>
internal static class KeyringFiles
{
    private static readonly string[] Extensions = [".pgp", ".gpg", ".asc", ".key"];

    private static readonly EnumerationOptions AllBelow = new() { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 };

    /// <summary>Files as they are, folders with all keyrings below them, in order of their names.</summary>
    public static (IReadOnlyList<KeyringFile> Files, IReadOnlyList<UnreadablePath> Unreadable) Find(IEnumerable<string> paths)
    {
        List<KeyringFile> files = [];
        List<UnreadablePath> unreadable = [];
        foreach (string path in paths)
        {
            try
            {
                files.AddRange(Find(path));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable.Add(new UnreadablePath(path, e.Message));
            }
        }

        return (files, unreadable);
    }

    /// <summary>Files with metadata of dumps in folders among <paramref name="paths"/> and below them. Files that are named themselves are not verified.</summary>
    public static IReadOnlyList<string> FindMetadata(IEnumerable<string> paths)
    {
        List<string> found = [];
        foreach (string folder in paths.Where(Directory.Exists))
        {
            try
            {
                found.AddRange(Directory.EnumerateFiles(folder, DumpMetadata.Pattern, AllBelow).Order(StringComparer.Ordinal));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Find says so.
            }
        }

        return found;
    }

    private static List<KeyringFile> Find(string path)
    {
        if (path == KeyringFile.StandardInput)
            return [new KeyringFile(path, null)];
        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path, "*", AllBelow)
                .Where(IsKeyring)
                .Order(StringComparer.Ordinal)
                .Select(file => new KeyringFile(file, new FileInfo(file).Length))
                .ToList();
        }

        var info = new FileInfo(path);
        if (!info.Exists)
            throw new FileNotFoundException("no such file or folder");
        return [new KeyringFile(path, info.Length)];
    }

    private static bool IsKeyring(string path) =>
        !Path.GetFileName(path).StartsWith('.') && Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
