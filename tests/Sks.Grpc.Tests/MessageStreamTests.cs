using Grpc.Core;
using Sks.Grpc.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Tests;

/// <summary>What becomes of the ways in which gRPC says that a call is over.</summary>
public sealed class MessageStreamTests : IDisposable
{
    private readonly CancellationTokenSource _callEnded = new();
    private readonly FakeReader _reader = new();
    private readonly FakeWriter _writer = new();
    private readonly IMessageStream<SyncMessage> _stream;

    public MessageStreamTests() => _stream = MessageStreams.OfServer(_reader, _writer, _callEnded.Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> Ends => [new IOException("reset"), new InvalidOperationException("completed")];

    public void Dispose() => _callEnded.Dispose();

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_call_that_is_lost_while_reading_is_lost_in_one_way(Exception end)
    {
        _reader.Next.SetException(end);
        await AssertLostAsync(end, () => ReadAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_call_that_is_lost_while_writing_is_lost_in_one_way(Exception end)
    {
        _writer.Failure = end;
        await AssertLostAsync(end, () => _stream.WriteAsync(new SyncMessage(), Token));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_is_lost()
    {
        await _callEnded.CancelAsync();
        var end = new OperationCanceledException(_callEnded.Token);
        _reader.Next.SetException(end);
        await AssertLostAsync(end, () => ReadAsync(Token));
    }

    [Fact]
    public async Task What_gRPC_says_itself_is_passed_on()
    {
        var failure = new RpcException(new Status(StatusCode.PermissionDenied, "no"));
        _reader.Next.SetException(failure);
        Assert.Same(failure, await Assert.ThrowsAsync<RpcException>(() => ReadAsync(Token)));
        _writer.Failure = failure;
        Assert.Same(failure, await Assert.ThrowsAsync<RpcException>(() => _stream.WriteAsync(new SyncMessage(), Token)));
    }

    [Fact]
    public async Task Who_stops_waiting_loses_no_message()
    {
        using var stop = new CancellationTokenSource();
        Task<SyncMessage?> waiting = ReadAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var message = new SyncMessage { Ping = new Ping { Number = 7 } };
        _reader.Current = new SyncRequest { Message = message };
        _reader.Next.SetResult(true);
        Assert.Same(message, await ReadAsync(Token));
        Assert.Equal(1, _reader.Calls);
    }

    [Fact]
    public async Task An_envelope_without_a_message_is_refused()
    {
        _reader.Current = new SyncRequest();
        _reader.Next.SetResult(true);
        await RpcFailure.AssertInvalidAsync("message", () => ReadAsync(Token));
    }

    [Fact]
    public async Task The_end_is_the_end()
    {
        _reader.Next.SetResult(false);
        Assert.Null(await ReadAsync(Token));
    }

    private static async Task AssertLostAsync(Exception end, Func<Task> call)
    {
        RpcException lost = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((StatusCode.Unavailable, end), (lost.StatusCode, lost.Status.DebugException));
    }

    private async Task<SyncMessage?> ReadAsync(CancellationToken cancellationToken) =>
        await _stream.ReadAsync(cancellationToken).FirstOrDefaultAsync(cancellationToken);

    private sealed class FakeReader : IAsyncStreamReader<SyncRequest>
    {
        public TaskCompletionSource<bool> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Calls { get; private set; }

        public SyncRequest Current { get; set; } = new();

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            Calls++;
            return Next.Task;
        }
    }

    private sealed class FakeWriter : IServerStreamWriter<SyncResponse>
    {
        public Exception? Failure { get; set; }

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(SyncResponse message) => Failure is null ? Task.CompletedTask : Task.FromException(Failure);

        public Task WriteAsync(SyncResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
