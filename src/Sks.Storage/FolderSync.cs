using System.Runtime.InteropServices;

namespace Sks.Storage;

/// <summary>Puts renames within a folder on disk; .NET has no call for it.</summary>
public static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>Waits until the folder's entries are on disk. Does nothing on Windows, where there is no such need.</summary>
    /// <exception cref="StorageException">They could not be written.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {folder} cannot be opened.");
        int result = Synchronise(descriptor);
        _ = Close(descriptor);
        if (result != 0)
            throw new StorageException(StorageErrorKind.NotWritable, $"The folder {folder} cannot be synchronised.");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
