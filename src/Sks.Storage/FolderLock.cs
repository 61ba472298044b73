namespace Sks.Storage;

/// <summary>Keeps other processes, and other stores and imports of this one, away from a folder. Ends with the process, whatever ends it.</summary>
/// <remarks>RocksDB locks its own folder only, but a bulk load builds beside it and replaces what stands there.</remarks>
internal sealed class FolderLock : IDisposable
{
    private const string FileName = "lock";
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Creates the folder when it is missing, for its owner only, and locks it.</summary>
    /// <remarks>What must not be served can still be in it. A folder that is there keeps the rights it was given.</remarks>
    /// <exception cref="StorageException">It is locked, or cannot be created or written.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new FolderLock(new FileStream(
                Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
        }
        catch (IOException e) when (e.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolationOnWindows)
        {
            throw new StorageException(StorageErrorKind.Locked, $"The store in {folder} is in use by another node or import.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {folder} cannot be created or written: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
