namespace Sks.TestSupport;

/// <summary>A fresh, empty folder of mode 0700 that is deleted with everything in it on dispose.</summary>
/// <remarks>
/// Its path is short (at most about 60 characters): SKS, gpg and others put Unix sockets below their home, and the
/// path of a Unix socket is limited to 107 bytes.
/// </remarks>
public sealed class TemporaryFolder : IDisposable
{
    private const int LongestRoot = 40;
    private const int DeleteAttempts = 100;

    public TemporaryFolder()
    {
        var root = System.IO.Path.GetTempPath();
        if (root.Length > LongestRoot)
            root = "/tmp";

        Path = System.IO.Path.Combine(root, "sks-" + System.IO.Path.GetRandomFileName());
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Absolute path, without a trailing slash.</summary>
    public string Path { get; }

    /// <summary>Absolute path of something below this folder; nothing is created.</summary>
    public string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Deletes the folder. Processes that write to it must have ended before.</summary>
    public void Dispose()
    {
        // A dying process may still remove its own socket or lock file while we walk the tree, which fails our walk.
        for (var attempt = 1; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < DeleteAttempts)
            {
                Thread.Yield();
            }
        }
    }
}
