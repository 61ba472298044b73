namespace Sks.Storage;

/// <summary>Asks the disk itself, past the database, whether it can be written.</summary>
internal sealed class DiskProbe(string folder, FreeSpace freeSpace)
{
    // More than the database wants to see free before it goes on after an error.
    private const long AmpleBytes = 128L << 20;

    private readonly string _path = Path.Combine(folder, "probe");

    /// <summary>Whether a file can be written and there is ample room.</summary>
    public bool IsWritable()
    {
        if (!freeSpace.IsAtLeast(AmpleBytes))
            return false;
        try
        {
            using var file = new FileStream(
                _path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            file.WriteByte(0);
            file.Flush(flushToDisk: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
