using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Sks.Grpc;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;

namespace Sks.Server.Local;

/// <summary>A local node to talk to: the one that runs on a data folder, or one that is opened for this verb alone.</summary>
/// <remarks>
/// Both are talked to in the same way, over a Unix socket, so that a verb cannot behave differently with and without a running node. The socket of a
/// node for one verb is in a folder of its own that only this user can enter.
/// </remarks>
internal sealed class LocalNode : IAsyncDisposable
{
    private readonly TemporaryNode? _temporary;

    private LocalNode(GrpcChannel channel, TemporaryNode? temporary)
    {
        Channel = channel;
        _temporary = temporary;
    }

    /// <summary>The way to all services of the node.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>Connects to the node that runs on <paramref name="data"/>; null when none does.</summary>
    public static async Task<LocalNode?> FindRunningAsync(DataDirectory data, CancellationToken cancellationToken) =>
        await data.IsServedAsync(cancellationToken) ? new LocalNode(KeyserverChannel.ForSocket(data.SocketPath), null) : null;

    /// <summary>Connects to the running node, or opens the store.</summary>
    /// <exception cref="CommandException">There is neither.</exception>
    public static async Task<LocalNode> OpenAsync(ServerSettings settings, CancellationToken cancellationToken)
    {
        var data = new DataDirectory(settings.Node.DataDirectory);
        if (await FindRunningAsync(data, cancellationToken) is { } running)
            return running;
        if (!data.HasStore)
            throw CommandException.Unreachable($"there is no store in {data.Path} and no node running on it; --data says where to look");

        TemporaryNode temporary = await TemporaryNode.StartAsync(settings, cancellationToken);
        return new LocalNode(KeyserverChannel.ForSocket(temporary.SocketPath), temporary);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        if (_temporary is not null)
            await _temporary.DisposeAsync();
    }

    private sealed class TemporaryNode : IAsyncDisposable
    {
        private readonly KeyserverNode _node;
        private readonly DirectoryInfo _folder;
        private GrpcServer? _server;

        private TemporaryNode(KeyserverNode node, DirectoryInfo folder)
        {
            _node = node;
            _folder = folder;
        }

        public string SocketPath => Path.Combine(_folder.FullName, "node.sock");

        public static async Task<TemporaryNode> StartAsync(ServerSettings settings, CancellationToken cancellationToken)
        {
            // CreateTempSubdirectory makes folders of mode 0700.
            var temporary = new TemporaryNode(KeyserverNode.Open(settings.Node, TimeProvider.System), Directory.CreateTempSubdirectory("sksd-"));
            try
            {
                var options = new GrpcOptions { Listen = [ListenAddress.Off], AdminSocketPath = temporary.SocketPath };
                temporary._server = await GrpcServer.StartAsync(
                    temporary._node, options, NullLoggerFactory.Instance, TimeProvider.System, cancellationToken);
                return temporary;
            }
            catch
            {
                await temporary.DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
            await _node.DisposeAsync();
            _folder.Delete(recursive: true);
        }
    }
}
