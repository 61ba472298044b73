namespace Sks.Storage.Tests;

/// <summary>What a crash at this moment would leave: a copy of the database, taken while it is open.</summary>
internal static class CrashCopy
{
    /// <summary>Copies the store in a folder to another, which is created. The store must not be written meanwhile.</summary>
    public static void Take(string folder, string target)
    {
        // The database may tidy up in the background while we copy; then the copy is none of one moment and is taken again.
        while (!TryTake(Path.Combine(folder, "db"), Path.Combine(target, "db")))
            Directory.Delete(target, recursive: true);
    }

    private static bool TryTake(string folder, string target)
    {
        Directory.CreateDirectory(target);
        try
        {
            string before = Describe(folder);
            foreach (string file in Directory.GetFiles(folder))
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            return before == Describe(folder);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static string Describe(string folder) => string.Join(
        '|', new DirectoryInfo(folder).GetFiles().OrderBy(static f => f.Name, StringComparer.Ordinal).Select(static f => $"{f.Name} {f.Length}"));
}
