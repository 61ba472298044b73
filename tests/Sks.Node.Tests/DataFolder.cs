using System.Text;

namespace Sks.Node.Tests;

/// <summary>What lies in the files of an open node.</summary>
internal static class DataFolder
{
    /// <summary>Whether a text stands in any file, uncompressed.</summary>
    public static bool Holds(TestNode test, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Directory.EnumerateFiles(test.Options.DataDirectory, "*", SearchOption.AllDirectories)
            .Where(static path => Path.GetFileName(path) != "lock")
            .Any(path => Read(path).AsSpan().IndexOf(bytes) >= 0);
    }

    // A compaction may delete a file between its listing and its reading: then it holds nothing.
    private static byte[] Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }
}
