using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.TestSupport;

namespace Sks.Grpc.Tests;

public sealed class PeerContactTests : IAsyncDisposable
{
    private static readonly NodeId Other = new(7, 7);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly PeerNode _node = new();
    private readonly FakeDialer _dialer = new();
    private readonly PeerContacts _contacts;

    public PeerContactTests()
    {
        var context = new PeerContext(_node.Node, new PeerOptions(), [], NullLogger.Instance, _time);
        _contacts = new PeerContacts(context, new FakeSessions(), _dialer, new RetryPause(TimeSpan.FromSeconds(1), static () => 0.5));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PeerStatus Status => _node.Node.Peers.Read().Single(static status => status.Name == Other.ToString());

    [Fact]
    public async Task Pauses_double_to_an_hour_while_a_peer_is_not_reached_and_start_anew_after_a_session()
    {
        await StartAsync("a:1");
        for (int i = 0; i < 14; i++)
        {
            await AnswerAsync(Failure("nobody there"));
            await ExpectPauseAsync(TimeSpan.FromSeconds(Math.Min(1 << i, 3600)));
        }

        Assert.Equal((14, "nobody there"), (Status.Errors, Status.LastError));
        await AnswerAsync(Success);
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync(Failure("gone"));
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task What_a_peer_says_decides_when_to_come_back()
    {
        await StartAsync("a:1");
        await AnswerAsync(Success with { RetryAfter = TimeSpan.FromSeconds(30) });
        await ExpectPauseAsync(TimeSpan.FromSeconds(33)); // never before, and not all at once
        await AnswerAsync(Success with { RetryAfter = TimeSpan.FromHours(3) });
        await ExpectPauseAsync(TimeSpan.FromHours(1));
        await AnswerAsync(new PeerSessionEnd(true, ErrorCode.Clone, "a clone", TimeSpan.Zero));
        await ExpectPauseAsync(TimeSpan.FromMinutes(10));
        await AnswerAsync(new PeerSessionEnd(false, ErrorCode.NothingInCommon, "no", TimeSpan.Zero));
        await ExpectPauseAsync(TimeSpan.FromMinutes(20));
        await AnswerAsync(Success);
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));

        // At once, but not over and over.
        await AnswerAsync(new PeerSessionEnd(true, ErrorCode.NewKey, null, TimeSpan.Zero));
        await AnswerAsync(new PeerSessionEnd(true, ErrorCode.NewKey, null, TimeSpan.Zero));
        await ExpectPauseAsync(TimeSpan.FromSeconds(2));

        // Long after, it is not over and over.
        await AnswerAsync(new PeerSessionEnd(true, ErrorCode.NewKey, null, TimeSpan.Zero) { Lasted = TimeSpan.FromMinutes(2) });
        await AnswerAsync(Success);
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_line_that_breaks_over_and_over_is_tried_again_soon()
    {
        await StartAsync("a:1");
        await AnswerAsync(Failure("nobody there"));
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync(Failure("nobody there"));
        await ExpectPauseAsync(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 3; i++)
        {
            await AnswerAsync(Success with { Lasted = TimeSpan.FromSeconds(3) });
            await ExpectPauseAsync(TimeSpan.FromSeconds(1));
        }

        // Who stops in an orderly way comes back soon; that alone makes nothing good.
        await AnswerAsync(Failure("nobody there"));
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync(new PeerSessionEnd(true, ErrorCode.Stopping, null, TimeSpan.Zero));
        await ExpectPauseAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync(Failure("nobody there"));
        await ExpectPauseAsync(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Whoever_is_removed_and_added_again_is_contacted_anew_whatever_the_old_attempt_ends_with()
    {
        _dialer.BreaksOff = true;
        await StartAsync("a:1");
        FakeDialer.Call first = await _dialer.Calls.Reader.ReadAsync(Token);
        CancellationToken removal = _contacts.FindRemoval(Other)!.Value;
        _time.Advance(TimeSpan.FromSeconds(1));
        await _node.Node.Links.Book.RemoveAsync(Other, Token);
        await _node.Node.Links.Book.AddAsync(Other, ["a:1"], Token);

        Assert.NotEqual(removal, _contacts.FindRemoval(Other));
        await Eventually.IsTrueAsync(() => first.Cancelled.IsCancellationRequested && removal.IsCancellationRequested, "the end", cancellationToken: Token);
        FakeDialer.Call second = await _dialer.Calls.Reader.ReadAsync(Token);
        Assert.False(second.Cancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Another_address_is_tried_at_once_and_removal_ends_it()
    {
        await StartAsync("a:1");
        await AnswerAsync(Failure("no"));
        await Eventually.IsTrueAsync(() => Status.NextAttempt is not null, "a pause", cancellationToken: Token);
        await _node.Node.Links.Book.AddAsync(Other, ["b:2", "c:3"], Token);

        FakeDialer.Call call = await _dialer.Calls.Reader.ReadAsync(Token);
        Assert.Equal(["b:2", "c:3"], call.Addresses);
        Assert.True(await _node.Node.Links.Book.RemoveAsync(Other, Token));
        await Assert.ThrowsAsync<TaskCanceledException>(() => call.Answer.Task.WaitAsync(call.Cancelled));
        call.Answer.SetCanceled(call.Cancelled);
        await Eventually.IsTrueAsync(() => _node.Node.Peers.Read().Count == 0, "nothing is told of it", cancellationToken: Token);
        Assert.Null(_contacts.FindRemoval(Other));
    }

    [Fact]
    public async Task Without_an_address_a_peer_is_waited_for()
    {
        await StartAsync();
        await Eventually.IsTrueAsync(() => _node.Node.Peers.Read().Count == 1, "it is known", cancellationToken: Token);
        Assert.Null(Status.NextAttempt);
        await _node.Node.Links.Book.AddAsync(Other, ["b:2"], Token);
        Assert.Equal(["b:2"], (await _dialer.Calls.Reader.ReadAsync(Token)).Addresses);
        Assert.Equal(["b:2"], Status.EndPoints);
    }

    [Fact]
    public async Task Addresses_are_tried_in_turn_and_what_was_wrong_with_each_is_told_once()
    {
        await using PeerTestServer server = await PeerTestServer.StartAsync();
        await using PeerTestServer client = await PeerTestServer.StartAsync();
        using FreePort free = FreePort.Reserve();
        string nowhere = $"127.0.0.1:{free.Number}";
        await server.Node.Links.Book.AddAsync(client.Id, [], Token);
        await client.Node.Links.Book.AddAsync(Other, [nowhere, server.Address], Token);
        await client.Node.Links.Book.AddAsync(server.Id, [nowhere, server.Address], Token);

        await Eventually.IsTrueAsync(() => server.Sessions.Running == 1 && client.Sessions.Running == 1, "a session", cancellationToken: Token);
        await Eventually.IsTrueAsync(() => client.StatusOf(Other)?.Errors > 3, "several attempts", cancellationToken: Token);
        Assert.Contains($"{server.Address} answers as another node (id {server.Id})", client.StatusOf(Other)!.LastError, StringComparison.Ordinal);
        Assert.Contains(nowhere, client.StatusOf(Other)!.LastError, StringComparison.Ordinal);
        Assert.Equal(1, client.CountLines("cannot be reached"));
        Assert.Equal(PeerRole.Initiator, client.StatusOf(server.Id)!.LastRole);
    }

    public async ValueTask DisposeAsync()
    {
        await _contacts.DisposeAsync();
        await _node.DisposeAsync();
    }

    private static PeerSessionEnd Success { get; } = new(true, ErrorCode.Unspecified, null, TimeSpan.Zero) { Lasted = TimeSpan.FromMinutes(2) };

    private static PeerSessionEnd Failure(string detail) => new(false, ErrorCode.Unspecified, detail, TimeSpan.Zero);

    private async Task StartAsync(params string[] addresses)
    {
        await _node.Node.Links.Book.AddAsync(Other, addresses, Token);
        _contacts.Start();
    }

    private async Task AnswerAsync(PeerSessionEnd end) => (await _dialer.Calls.Reader.ReadAsync(Token)).Answer.SetResult(end);

    private async Task ExpectPauseAsync(TimeSpan pause)
    {
        DateTimeOffset planned = _time.GetUtcNow() + pause;
        await Eventually.IsTrueAsync(() => Status.NextAttempt == planned, $"a pause of {pause}", TimeSpan.FromSeconds(20), Token);
        _time.Advance(pause - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _dialer.Calls.Reader.Count);

        // The pause may not have begun when it was planned.
        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                return _dialer.Calls.Reader.Count > 0;
            },
            "the next attempt",
            cancellationToken: Token);
    }

    private sealed class FakeDialer : IPeerDialer
    {
        public bool BreaksOff { get; set; }

        public Channel<Call> Calls { get; } = Channel.CreateUnbounded<Call>();

        public async Task<PeerSessionEnd> DialAsync(NodeId peer, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
        {
            var call = new Call(addresses, new TaskCompletionSource<PeerSessionEnd>(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
            Calls.Writer.TryWrite(call);
            try
            {
                return await call.Answer.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (BreaksOff)
            {
                throw new IOException("broken off");
            }
        }

        public sealed record Call(IReadOnlyList<string> Addresses, TaskCompletionSource<PeerSessionEnd> Answer, CancellationToken Cancelled);
    }
}
