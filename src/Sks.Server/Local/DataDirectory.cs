using System.Net.Sockets;
using System.Text;
using Sks.Server.CommandLine;
using Sks.Storage;

namespace Sks.Server.Local;

/// <summary>The folder of a node: where its store is, and the socket that its operator reaches it by.</summary>
/// <param name="path">The folder, which need not exist.</param>
internal sealed class DataDirectory(string path)
{
    private const string SocketName = "admin.sock";
    private const int MaxSocketPathBytes = 107;

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>Where the node's socket is: relative to the working folder when the whole path is too long for one.</summary>
    /// <exception cref="CommandException">It is too long either way.</exception>
    public string SocketPath
    {
        get
        {
            string full = System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, SocketName));
            string relative = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, full);
            return new[] { full, relative }.FirstOrDefault(candidate => Encoding.UTF8.GetByteCount(candidate) <= MaxSocketPathBytes)
                ?? throw CommandException.Usage($"--data: {full} is too long for a Unix socket, which takes {MaxSocketPathBytes} bytes: choose a shorter path");
        }
    }

    /// <summary>Whether a store has been made here.</summary>
    public bool HasStore => CertificateStore.Exists(Path);

    /// <summary>Whether a node listens on the socket. A socket file without a listener is what a killed node leaves behind.</summary>
    public async Task<bool> IsServedAsync(CancellationToken cancellationToken)
    {
        string socketPath = SocketPath;
        if (!File.Exists(socketPath))
            return false;

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw CommandException.Unreachable($"no permission to use {socketPath}: run this as the user that the node runs as", e);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
