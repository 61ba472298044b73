using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

public class ListenerTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operators_service_is_on_the_socket_and_not_on_tcp()
    {
        await using TestServer server = await TestServer.StartAsync();
        var overTcp = new AdminService.AdminServiceClient(server.TcpChannel);

        Assert.NotNull(await server.Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended));
        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            async () => await overTcp.GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended));
        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
    }

    [Fact]
    public async Task Reflection_lists_what_each_listener_has()
    {
        await using TestServer server = await TestServer.StartAsync();
        string[] common =
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "sks.keys.v1.KeyService",
        ];

        Assert.Equivalent(common, await ListServicesAsync(server.TcpChannel), strict: true);
        Assert.Equivalent((string[])[.. common, "sks.admin.v1.AdminService"], await ListServicesAsync(server.SocketChannel), strict: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sks.keys.v1.KeyService")]
    public async Task Health_says_whether_the_store_can_be_written(string service)
    {
        await using TestServer sound = await TestServer.StartAsync();
        await using TestServer full = await TestServer.StartAsync(options => options.MinFreeDiskBytes = long.MaxValue);
        var request = new HealthCheckRequest { Service = service };

        foreach (GrpcChannel channel in (GrpcChannel[])[sound.TcpChannel, sound.SocketChannel])
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await new Health.HealthClient(channel).CheckAsync(request, cancellationToken: Ended)).Status);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await new Health.HealthClient(full.TcpChannel).CheckAsync(request, cancellationToken: Ended)).Status);
    }

    [Fact]
    public async Task Socket_has_mode_0600_and_is_gone_after_a_stop()
    {
        await using TestServer server = await TestServer.StartAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.SocketPath));
        Assert.Equal(["admin.sock", "db"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(server.SocketPath)!).Select(Path.GetFileName).Order());

        await server.StopAsync();
        Assert.False(File.Exists(server.SocketPath));
    }

    [Fact]
    public async Task Socket_of_a_dead_process_is_replaced()
    {
        await using TestServer first = await TestServer.StartAsync();
        string path = first.SocketPath + "2";
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Closing a bound socket removes its file; a process that is killed leaves it.
            dead.Bind(new UnixDomainSocketEndPoint(path + ".bound"));
            File.Move(path + ".bound", path, overwrite: true);
        }

        Assert.True(File.Exists(path));
        await using GrpcServer second = await StartAsync(first, new GrpcOptions { Listen = ["off"], AdminSocketPath = path });

        using GrpcChannel channel = KeyserverChannel.ForSocket(path);
        Assert.NotNull(await new AdminService.AdminServiceClient(channel).GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended));
    }

    [Fact]
    public async Task Socket_of_a_living_process_is_not_stolen()
    {
        await using TestServer server = await TestServer.StartAsync();

        IOException exception = await Assert.ThrowsAsync<IOException>(
            () => StartAsync(server, new GrpcOptions { Listen = ["off"], AdminSocketPath = server.SocketPath }));

        Assert.Contains(server.SocketPath, exception.Message, StringComparison.Ordinal);
        Assert.NotNull(await server.Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended));
    }

    [Fact]
    public async Task File_that_is_no_socket_is_left_alone()
    {
        await using TestServer server = await TestServer.StartAsync();
        string path = server.SocketPath + "2";
        await File.WriteAllTextAsync(path, "precious", Ended);

        await Assert.ThrowsAsync<IOException>(() => StartAsync(server, new GrpcOptions { Listen = ["off"], AdminSocketPath = path }));

        Assert.Equal("precious", await File.ReadAllTextAsync(path, Ended));
    }

    [Fact]
    public async Task Path_that_no_socket_can_have_is_refused_in_clear_words()
    {
        await using TestServer server = await TestServer.StartAsync();
        string path = server.SocketPath + new string('x', 100);

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(server, new GrpcOptions { Listen = ["off"], AdminSocketPath = path }));

        Assert.Contains("107", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:0", "loopback")]
    [InlineData("192.0.2.1:11372", "loopback")]
    [InlineData("[::]:0", "loopback")]
    [InlineData("localhost:1", "ADDR:PORT")]
    [InlineData("127.0.0.1", "ADDR:PORT")]
    public async Task Address_that_is_not_loopback_stops_the_start(string listen, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(server, new GrpcOptions { Listen = [listen] }));

        string failure = Assert.Single(exception.Failures);
        Assert.Contains($"'{listen}'", failure, StringComparison.Ordinal);
        Assert.Contains(expected, failure, StringComparison.Ordinal);
        Assert.Contains("Grpc:Listen", failure, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure);
    }

    [Fact]
    public async Task Off_beside_an_address_and_a_limit_out_of_range_stop_the_start()
    {
        await using TestServer server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(server, new GrpcOptions { Listen = ["off", "127.0.0.1:0"] }));
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(server, new GrpcOptions { Listen = ["off"], MaxWatchCalls = 0 }));
        Assert.Contains(nameof(GrpcOptions.MaxWatchCalls), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_addresses_may_be_listened_on_and_an_ipv6_one_among_them()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options => options.Listen = ["127.0.0.1:0", "[::1]:0"]);

        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], server.Server.Addresses.Select(address => address.Address));
        foreach (IPEndPoint address in server.Server.Addresses)
        {
            using GrpcChannel channel = KeyserverChannel.ForAddress(new Uri($"http://{address}"));
            using AsyncServerStreamingCall<SearchResponse> call =
                new KeyService.KeyServiceClient(channel).Search(new SearchRequest { Words = "nobody" }, cancellationToken: Ended);
            Assert.Single(await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended));
        }
    }

    [Fact]
    public async Task Taken_port_stops_the_start_and_leaves_no_socket_behind()
    {
        await using TestServer server = await TestServer.StartAsync();
        string path = server.SocketPath + "2";

        await Assert.ThrowsAsync<IOException>(
            () => StartAsync(server, new GrpcOptions { Listen = [server.Server.Addresses[0].ToString()], AdminSocketPath = path }));

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Off_listens_nowhere()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using GrpcServer second = await StartAsync(server, new GrpcOptions { Listen = [Sks.Node.ListenAddress.Off] });

        Assert.Empty(second.Addresses);
    }

    [Fact]
    public async Task Nobody_there_is_unavailable()
    {
        using var folder = new TemporaryFolder();
        using GrpcChannel channel = KeyserverChannel.ForSocket(folder.Combine("admin.sock"));

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            async () => await new AdminService.AdminServiceClient(channel).GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended));
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    private static Task<GrpcServer> StartAsync(TestServer beside, GrpcOptions options) =>
        GrpcServer.StartAsync(beside.Node, options, NullLoggerFactory.Instance, TimeProvider.System, Ended);

    private static async Task<string[]> ListServicesAsync(GrpcChannel channel)
    {
        var client = new ServerReflection.ServerReflectionClient(channel);
        using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call = client.ServerReflectionInfo(cancellationToken: Ended);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Ended);
        Assert.True(await call.ResponseStream.MoveNext(Ended));
        string[] services = [.. call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name)];
        await call.RequestStream.CompleteAsync();
        return services;
    }
}
