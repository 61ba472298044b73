using System.CommandLine;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Grpc;
using Sks.Keys.V1;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary>Who the verbs for everyone talk to: the local node where <c>--data</c> is given, else the one at <c>--server</c>.</summary>
internal sealed class ClientConnection : IAsyncDisposable
{
    private readonly LocalNode? _local;

    private readonly string _target;

    private ClientConnection(GrpcChannel channel, string target, LocalNode? local)
    {
        _target = target;
        _local = local;
        Channel = channel;
    }

    private GrpcChannel Channel { get; }

    /// <summary>Finds the node.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options that say which node.</param>
    /// <param name="mustRun">Whether opening the store will not do, because nothing would ever happen in it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ClientConnection> OpenAsync(
        ParseResult parsed, ClientOptions options, bool mustRun, CancellationToken cancellationToken)
    {
        if (!parsed.Has(options.Data) && !parsed.Has(options.Config))
        {
            Uri server = parsed.GetValue(options.Server) ?? new Uri(ServerAddress.Default);
            return new ClientConnection(KeyserverChannel.ForAddress(server), server.OriginalString, null);
        }

        if (parsed.Has(options.Server))
            throw CommandException.Usage("--server and --data (or --config) mean different nodes: give one of them");

        var settings = parsed.LoadSettings(options.Data, options.Config);
        var data = new DataDirectory(settings.Node.DataDirectory);
        LocalNode local = mustRun
            ? await LocalNode.FindRunningAsync(data, cancellationToken) ?? throw CommandException.Unreachable($"no node is running on {data.Path}")
            : await LocalNode.OpenAsync(settings, cancellationToken);
        return new ClientConnection(local.Channel, data.Path, local);
    }

    /// <summary>Does <paramref name="work"/> over the connection, and says where it went if nobody was there.</summary>
    public async Task<int> UseAsync(Func<KeyService.KeyServiceClient, Task<int>> work)
    {
        try
        {
            return await work(new KeyService.KeyServiceClient(Channel));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && e.Status.DebugException?.GetBaseException() is SocketException socket)
        {
            throw CommandException.Unreachable($"no node answers at {_target}: {socket.Message}; --server or --data says where it is", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        if (_local is not null)
            await _local.DisposeAsync();
    }
}

/// <summary>The options that say which node a client's verb talks to.</summary>
internal sealed record ClientOptions(Option<string> Data, Option<string> Config, Option<Uri> Server)
{
    public static ClientOptions AddTo(Command command)
    {
        var options = new ClientOptions(VerbOptions.Data(), VerbOptions.Config(), VerbOptions.Server());
        options.Data.Description = "Talk to the local node that runs on this folder, or open the store in it, instead of --server";
        command.Add(options.Server);
        command.Add(options.Data);
        command.Add(options.Config);
        return options;
    }
}
