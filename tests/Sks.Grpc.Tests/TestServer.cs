using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.Node;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

/// <summary>A node in a temporary folder with its gRPC server on a free port and a socket, and clients for both.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ILoggerFactory _loggers;
    private bool _stopped;

    private TestServer(TemporaryFolder folder, ILoggerFactory loggers, TestLog log, KeyserverNode node, GrpcServer server)
    {
        _folder = folder;
        _loggers = loggers;
        Log = log;
        Node = node;
        Server = server;
        TcpUrl = new Uri($"http://{server.Addresses[0]}");
        TcpChannel = KeyserverChannel.ForAddress(TcpUrl);
        SocketChannel = KeyserverChannel.ForSocket(SocketPath);
        Keys = new KeyService.KeyServiceClient(TcpChannel);
        Admin = new AdminService.AdminServiceClient(SocketChannel);
    }

    public string SocketPath => _folder.Combine("admin.sock");

    public Uri TcpUrl { get; }

    public TestLog Log { get; }

    public KeyserverNode Node { get; }

    public GrpcServer Server { get; }

    public GrpcChannel TcpChannel { get; }

    public GrpcChannel SocketChannel { get; }

    public KeyService.KeyServiceClient Keys { get; }

    public AdminService.AdminServiceClient Admin { get; }

    public static async Task<TestServer> StartAsync(
        Action<KeyserverOptions>? configureNode = null, Action<GrpcOptions>? configureGrpc = null, TimeProvider? time = null)
    {
        var folder = new TemporaryFolder();
        var log = new TestLog();
        ILoggerFactory loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        var nodeOptions = new KeyserverOptions { DataDirectory = folder.Combine("db"), MinFreeDiskBytes = 0 };
        configureNode?.Invoke(nodeOptions);
        var grpcOptions = new GrpcOptions { Listen = ["127.0.0.1:0"], AdminSocketPath = folder.Combine("admin.sock") };
        configureGrpc?.Invoke(grpcOptions);

        KeyserverNode node = KeyserverNode.Open(nodeOptions, time ?? TimeProvider.System);
        GrpcServer server = await GrpcServer.StartAsync(node, grpcOptions, loggers, TimeProvider.System, CancellationToken.None);
        return new TestServer(folder, loggers, log, node, server);
    }

    /// <summary>Stores certificates behind the server's back.</summary>
    public async Task StoreAsync(params TestCertificate[] certificates) =>
        await StoreAsync([.. certificates.SelectMany(static certificate => certificate.Data)]);

    /// <summary>Stores a keyring behind the server's back.</summary>
    public async Task StoreAsync(byte[] keyring)
    {
        await foreach (Sks.Node.SubmissionOutcome outcome in Node.Submissions.ImportAsync(new MemoryStream(keyring), CancellationToken.None))
        {
            Assert.NotEqual(Sks.Node.SubmissionResult.Rejected, outcome.Result);
        }
    }

    /// <summary>Stops the server; the node goes on.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await Server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        TcpChannel.Dispose();
        SocketChannel.Dispose();
        if (!_stopped)
            await Server.DisposeAsync();
        await Node.DisposeAsync();
        _loggers.Dispose();
        _folder.Dispose();
    }
}
