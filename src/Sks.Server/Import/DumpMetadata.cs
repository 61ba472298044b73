using System.Globalization;

namespace Sks.Server.Import;

/// <summary>A file of a dump, as its metadata has it.</summary>
/// <param name="Name">In the folder of the metadata.</param>
/// <param name="Digest">MD5, lower case hex.</param>
internal sealed record DumpMetadataEntry(string Name, string Digest);

/// <summary>What the <c>metadata-PREFIX.txt</c> of a dump says. Source: sks_dump (dbserver.ml); the lines of files are those of md5sum.</summary>
/// <param name="Path">Where it stands.</param>
/// <param name="Entries">The files.</param>
/// <param name="FileCount">How many there are said to be; null when nothing is said.</param>
/// <param name="KeyCount">How many certificates they are said to hold; null when nothing is said.</param>
internal sealed record DumpMetadata(string Path, IReadOnlyList<DumpMetadataEntry> Entries, int? FileCount, long? KeyCount)
{
    /// <summary>What files with metadata are called.</summary>
    public const string Pattern = "metadata-*.txt";

    private const int MaxBytes = 16 * 1024 * 1024;
    private const int DigestDigits = 32;

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read, or is no metadata.</exception>
    public static DumpMetadata Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
            throw new IOException($"it is larger than {MaxBytes} bytes and no metadata of a dump");

        List<DumpMetadataEntry> entries = [];
        int? fileCount = null;
        long? keyCount = null;
        foreach (string line in File.ReadLines(path).Select(static line => line.Trim()).Where(static line => line.Length > 0))
        {
            if (line.StartsWith('#'))
            {
                (string name, string value) = line.Split(':', 2) is [var before, var after] ? (before, after.Trim()) : (line, "");
                if (name == "#Files-Count")
                    fileCount = (int)ReadCount(name, value);
                else if (name == "#Key-Count")
                    keyCount = ReadCount(name, value);
                else if (name == "#Digest-algo" && value != "md5")
                    throw new IOException($"its digests are {value}, which is not known here; only md5 is. Name the files themselves to import them unverified");
                continue;
            }

            // Between digest and name md5sum writes two blanks, or a blank and an asterisk.
            string digest = line.Split(' ')[0];
            string file = line[digest.Length..].TrimStart(' ', '*');
            if (digest.Length != DigestDigits || !digest.All(char.IsAsciiHexDigit) || file.Length == 0 || System.IO.Path.GetFileName(file) != file)
                throw new IOException($"'{line}' is neither a comment nor the MD5 and the name of a file beside it");
            entries.Add(new DumpMetadataEntry(file, digest.ToLowerInvariant()));
        }

        return new DumpMetadata(path, entries, fileCount, keyCount);
    }

    private static long ReadCount(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : throw new IOException($"{name}: '{value}' is not a count");
}
