using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sks.Storage;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

public class ErrorInterceptorTests
{
    [Fact]
    public async Task Failure_of_ours_is_logged_and_its_text_never_reaches_the_client()
    {
        using var log = new TestLog();

        Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(
            StatusCode.Internal, "INTERNAL", () => CallAsync(new InvalidOperationException("the inner workings"), log: log));

        Assert.DoesNotContain("inner workings", status.ToString(), StringComparison.Ordinal);
        string line = Assert.Single(log.Lines);
        Assert.StartsWith("Error", line, StringComparison.Ordinal);
        Assert.Contains("/test/Method failed", line, StringComparison.Ordinal);
        Assert.Contains("the inner workings", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Corruption_is_internal()
    {
        await RpcFailure.AssertFailsAsync(
            StatusCode.Internal, "INTERNAL", () => CallAsync(new StorageException(StorageErrorKind.Corrupt, "bad")));
    }

    [Fact]
    public async Task Closed_store_and_a_stop_mean_try_again_soon()
    {
        await RpcFailure.AssertFailsAsync(
            StatusCode.Unavailable, "SHUTTING_DOWN", () => CallAsync(new StorageException(StorageErrorKind.Closed, "closed")));
        await RpcFailure.AssertFailsAsync(
            StatusCode.Unavailable, "SHUTTING_DOWN", () => CallAsync(new OperationCanceledException(), stopping: true));
    }

    [Fact]
    public async Task Client_that_is_gone_is_no_failure_of_ours()
    {
        using var log = new TestLog();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => CallAsync(new OperationCanceledException(), cancelled: true, log: log));

        Assert.Equal(StatusCode.Cancelled, exception.StatusCode);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task Status_that_a_service_chose_passes_through()
    {
        var chosen = new RpcException(new Status(StatusCode.NotFound, "no"));

        Assert.Same(chosen, await Assert.ThrowsAsync<RpcException>(() => CallAsync(chosen)));
    }

    private static async Task CallAsync(Exception failure, bool stopping = false, bool cancelled = false, TestLog? log = null)
    {
        using ILoggerFactory loggers = LoggerFactory.Create(logging =>
        {
            if (log is not null)
                logging.AddProvider(log);
        });
        var interceptor = new ErrorInterceptor(new Lifetime(stopping), loggers.CreateLogger<ErrorInterceptor>());
        await interceptor.UnaryServerHandler<object, object>(new object(), new Context(cancelled), (_, _) => throw failure);
    }

    private sealed class Lifetime(bool stopping) : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => new(canceled: true);

        public CancellationToken ApplicationStopping => new(stopping);

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => throw new NotSupportedException();
    }

    private sealed class Context(bool cancelled) : ServerCallContext
    {
        protected override string MethodCore => "/test/Method";

        protected override string HostCore => "test";

        protected override string PeerCore => "test";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore { get; } = new(cancelled);

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new("", []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
