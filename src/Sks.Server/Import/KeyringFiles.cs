namespace Sks.Server.Import;

/// <summary>A keyring to import.</summary>
/// <param name="Name">What to call it: the path, or <c>-</c>.</param>
/// <param name="Length">Its size in bytes; null for standard input.</param>
internal sealed record KeyringFile(string Name, long? Length)
{
    public const string StandardInput = "-";

    private const int BufferSize = 1 << 16;

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
