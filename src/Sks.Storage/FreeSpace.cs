namespace Sks.Storage;

/// <summary>Watches the free space of the disk, so that writing stops before the database meets a full one.</summary>
internal sealed class FreeSpace(string folder, long minimum)
{
    private readonly DriveInfo _drive = new(Path.GetFullPath(folder));

    /// <summary>Whether there is enough free space to write now.</summary>
    public bool IsEnough() => minimum == 0 || IsAtLeast(minimum);

    /// <summary>Whether so many bytes are free; no when the disk cannot be asked.</summary>
    public bool IsAtLeast(long bytes)
    {
        try
        {
            return _drive.AvailableFreeSpace >= bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
