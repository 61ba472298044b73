using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Sks.Grpc;

/// <summary>Makes the Unix socket that only its owner may open.</summary>
internal static class AdminSocket
{
    /// <summary>Longest path of a socket in bytes: the kernel's address holds 108 with the final zero.</summary>
    public const int MaxPathBytes = 107;

    /// <summary>Binds a socket to <paramref name="path"/>, with mode 0600 from the moment it can be seen there.</summary>
    /// <remarks>
    /// A socket gets its mode from the process's umask when it is bound, which other threads share. So it is bound in a folder that
    /// nobody else may enter, then given its mode, then renamed to where it belongs; the rename also replaces a stale one.
    /// </remarks>
    /// <exception cref="IOException">A living process serves on it, or something else than a socket is there.</exception>
    public static Socket Bind(string path, ILogger logger)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The admin socket needs file modes.");

        if (File.Exists(path))
        {
            ThrowIfAlive(path);
            GrpcLog.StaleSocketReplaced(logger, path);
        }

        string folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "." + RandomNumberGenerator.GetHexString(6));
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            string hidden = Path.Combine(folder, "s");
            socket.Bind(new UnixDomainSocketEndPoint(hidden));
            File.SetUnixFileMode(hidden, UnixFileMode.UserRead | UnixFileMode.UserWrite);

            // Clients that come before the server listens wait in the queue or are refused; none finds an open door.
            File.Move(hidden, path, overwrite: true);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void ThrowIfAlive(string path)
    {
        // Connecting to a file is refused as a dead socket is. Sockets have no length.
        if (new FileInfo(path).Length > 0)
            throw new IOException($"The admin socket cannot be made: something else is at {path}");

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return;
        }

        throw new IOException($"Another process serves on the admin socket {path}");
    }
}
