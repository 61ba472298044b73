using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>Against the standard health service, over TCP and over a Unix socket.</summary>
public sealed class BufToolTests
{
    private const string Check = "grpc.health.v1.Health/Check";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_calls_a_method_over_tcp_and_over_a_unix_socket()
    {
        InteropTool.Require("buf");
        using var folder = new TemporaryFolder();
        using var port = FreePort.Reserve();
        var socket = folder.Combine("grpc.sock");
        await using var server = await StartServerAsync(port, socket);
        var tcp = new Uri($"http://{port.EndPoint}");
        var local = new Uri("http://localhost");

        var overTcp = await BufTool.CallAsync(tcp, Check, cancellationToken: Token);
        var overSocket = await BufTool.CallAsync(local, Check, unixSocket: socket, cancellationToken: Token);
        var unknown = await BufTool.CallAsync(tcp, Check, """{"service": "nobody"}""", cancellationToken: Token);

        Assert.Contains("\"SERVING\"", overTcp.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Contains("\"SERVING\"", overSocket.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Equal(5 * 8, unknown.ExitCode); // NOT_FOUND
        Assert.Contains("not_found", unknown.Error, StringComparison.Ordinal);
        Assert.Contains(Check, await BufTool.ListMethodsAsync(tcp, cancellationToken: Token));
        Assert.Contains(Check, await BufTool.ListMethodsAsync(local, socket, Token));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error()
    {
        using var port = FreePort.Reserve();

        var result = await BufTool.CallAsync(new Uri($"http://{port.EndPoint}"), Check, cancellationToken: Token);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("failed to find service", result.Error, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartServerAsync(FreePort port, string socket)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(port.EndPoint, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc();
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks().AddCheck("always", () => HealthCheckResult.Healthy());
        var server = builder.Build();
        server.MapGrpcHealthChecksService();
        server.MapGrpcReflectionService();
        await server.StartAsync(Token);
        return server;
    }
}
