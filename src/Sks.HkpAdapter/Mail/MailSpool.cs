using System.Globalization;
using System.Security.Cryptography;
using Sks.Storage;

namespace Sks.HkpAdapter.Mail;

/// <summary>A folder of mails that wait to be read, one file each. Any number of processes may add to it.</summary>
public static class MailSpool
{
    /// <summary>How the names of complete mails end.</summary>
    public const string Extension = ".eml";

    /// <summary>How the names of mails that are being written end.</summary>
    public const string PartialExtension = ".tmp";

    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan AbandonedAge = TimeSpan.FromDays(1);

    /// <summary>The folder in a node's own folder that is used when none is configured.</summary>
    public static string DefaultFolder(string dataDirectory) => Path.Combine(dataDirectory, "mail", "incoming");

    /// <summary>Writes a mail. When this is over it is on disk under its name: a crash loses nothing.</summary>
    /// <param name="folder">Made when there is none, for this user alone.</param>
    /// <param name="message">The whole mail.</param>
    /// <param name="time">The clock: mails are read in the order of their names.</param>
    /// <param name="cancellationToken">Gives up; no mail is then left behind.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public static async Task WriteAsync(string folder, ReadOnlyMemory<byte> message, TimeProvider time, CancellationToken cancellationToken)
    {
        MakeFolder(folder);
        string name = $"{time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfffffff", CultureInfo.InvariantCulture)}-{RandomNumberGenerator.GetHexString(16)}";
        string partial = Path.Combine(folder, name + PartialExtension);
        try
        {
            var options = new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = FileMode;
            await using (var file = new FileStream(partial, options))
            {
                // Mail systems run commands with a mask that would keep the server from reading the file.
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(file.SafeFileHandle, FileMode);
                await file.WriteAsync(message, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, Path.Combine(folder, name + Extension));
            Flush(folder);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Removes what processes have begun to write and not finished within a day: they were killed, and have acknowledged nothing.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it, or not remove files.</exception>
    public static void RemoveAbandoned(string folder, TimeProvider time)
    {
        var directory = new DirectoryInfo(folder);
        if (!directory.Exists)
            return;
        DateTime limit = time.GetUtcNow().UtcDateTime - AbandonedAge;
        foreach (FileInfo file in directory.EnumerateFiles("*" + PartialExtension).Where(file => file.LastWriteTimeUtc < limit))
            file.Delete();
    }

    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, FolderMode);

        // Two levels may be new.
        string parent = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        Flush(parent);
        if (Path.GetDirectoryName(parent) is { } above)
            Flush(above);
    }

    private static void Flush(string folder)
    {
        try
        {
            FolderSync.Flush(folder);
        }
        catch (StorageException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
