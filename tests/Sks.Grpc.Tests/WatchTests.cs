using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class WatchTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_cursor_it_begins_now_and_goes_on_live()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.Create(1));
        using AsyncServerStreamingCall<WatchResponse> call = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended);

        WatchResponse first = await ReadAsync(call);
        Assert.Empty(first.Changes);
        Assert.Equal(server.Node.Changes.Current, first.Cursor.ToCursor());
        Assert.Equal(first.Cursor, first.Newest);

        TestCertificate certificate = TestCertificate.Create(2);
        await server.StoreAsync(certificate);
        WatchResponse next = await ReadAsync(call);
        Change change = Assert.Single(next.Changes);
        Assert.Equal(first.Cursor.Sequence + 1, change.Sequence);
        Assert.Equal(next.Cursor.Sequence, change.Sequence);
        Assert.Equal(first.Cursor.Incarnation, next.Cursor.Incarnation);
        Assert.Equal(certificate.Fingerprint, change.Fingerprint.ToByteArray());
        Assert.Equal(certificate.Certificate.Identity.Span.ToArray(), change.Identity.ToByteArray());
        Assert.Empty(change.OldSksDigest);
        Assert.Equal(certificate.Digest, change.NewSksDigest.ToByteArray());
        Assert.Equal(ChangeSource.Import, change.Source);
        Assert.NotNull(change.Time);
    }

    [Fact]
    public async Task Update_tells_both_digests()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate first = TestCertificate.Create(1, "first");
        await server.StoreAsync(first);
        using AsyncServerStreamingCall<WatchResponse> call = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended);
        await ReadAsync(call);

        await server.StoreAsync(TestCertificate.Create(1, "second"));

        Change change = Assert.Single((await ReadAsync(call)).Changes);
        Assert.Equal(first.Digest, change.OldSksDigest.ToByteArray());
        Assert.Equal(TestCertificate.Create(1, "first", "second").Digest, change.NewSksDigest.ToByteArray());
    }

    [Fact]
    public async Task From_the_start_and_from_the_middle_nothing_is_missing_or_twice()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 700));
        ulong incarnation = server.Node.Changes.Current.Incarnation;

        foreach (ulong start in (ulong[])[0, 345])
        {
            var request = new WatchRequest { Cursor = new Cursor { Incarnation = incarnation, Sequence = start } };
            using AsyncServerStreamingCall<WatchResponse> call = server.Keys.Watch(request, cancellationToken: Ended);
            WatchResponse response = await ReadAsync(call);
            Assert.Empty(response.Changes);
            Assert.Equal(request.Cursor, response.Cursor);
            Assert.Equal(700ul, response.Newest.Sequence);

            List<ulong> seen = [];
            while (response.Cursor.Sequence < 700)
            {
                response = await ReadAsync(call);
                seen.AddRange(response.Changes.Select(change => change.Sequence));
                Assert.Equal(seen[^1], response.Cursor.Sequence);
            }

            Assert.Equal(Enumerable.Range((int)start + 1, 700 - (int)start).Select(n => (ulong)n), seen);
        }
    }

    [Fact]
    public async Task Cursor_of_another_incarnation_is_out_of_range()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.Create(1));
        Storage.ChangeCursor current = server.Node.Changes.Current;

        CursorOutOfRange detail = await AssertOutOfRangeAsync(server, current with { Incarnation = ~current.Incarnation });

        Assert.Equal(current.Incarnation, detail.Oldest.Incarnation);
        Assert.Equal(0ul, detail.Oldest.Sequence);
        Assert.Equal(current, detail.Newest.ToCursor());
    }

    [Fact]
    public async Task Cursor_from_the_future_is_out_of_range()
    {
        await using TestServer server = await TestServer.StartAsync();
        Storage.ChangeCursor current = server.Node.Changes.Current;

        await AssertOutOfRangeAsync(server, current with { Sequence = current.Sequence + 1 });
    }

    [Fact]
    public async Task Cursor_that_is_too_old_is_out_of_range_and_the_oldest_one_works()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using TestServer server = await TestServer.StartAsync(time: time);
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 10));
        time.Advance(TimeSpan.FromDays(40));

        // The log is trimmed now and then, not with every change.
        await server.StoreAsync(TestCertificate.CreateKeyring(11, 4200));
        ulong incarnation = server.Node.Changes.Current.Incarnation;

        CursorOutOfRange detail = await AssertOutOfRangeAsync(server, new Storage.ChangeCursor(incarnation, 3));

        Assert.True(detail.Oldest.Sequence >= 10, $"oldest is {detail.Oldest.Sequence}");
        using AsyncServerStreamingCall<WatchResponse> call = server.Keys.Watch(new WatchRequest { Cursor = detail.Oldest }, cancellationToken: Ended);
        await ReadAsync(call);
        Assert.Equal(detail.Oldest.Sequence + 1, (await ReadAsync(call)).Changes[0].Sequence);
    }

    [Fact]
    public async Task Cancelled_watch_makes_room_for_another()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options => options.MaxWatchCalls = 1);
        using (AsyncServerStreamingCall<WatchResponse> first = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended))
        {
            await ReadAsync(first);
            using AsyncServerStreamingCall<WatchResponse> second = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended);
            await RpcFailure.AssertFailsAsync(StatusCode.ResourceExhausted, "TOO_MANY_CALLS", () => ReadAsync(second));
        }

        await TestSupport.Eventually.IsTrueAsync(
            async _ =>
            {
                using AsyncServerStreamingCall<WatchResponse> third = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended);
                try
                {
                    return await third.ResponseStream.MoveNext(Ended);
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
                {
                    return false;
                }
            },
            "the cancelled call ends",
            cancellationToken: Ended);
    }

    [Fact]
    public async Task Stopping_the_server_tells_the_client_to_retry()
    {
        await using TestServer server = await TestServer.StartAsync();
        using AsyncServerStreamingCall<WatchResponse> call = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended);
        await ReadAsync(call);

        Task stopping = server.StopAsync();
        await RpcFailure.AssertFailsAsync(StatusCode.Unavailable, "SHUTTING_DOWN", () => ReadAsync(call));
        await stopping;
    }

    private static async Task<CursorOutOfRange> AssertOutOfRangeAsync(TestServer server, Storage.ChangeCursor cursor)
    {
        using AsyncServerStreamingCall<WatchResponse> call =
            server.Keys.Watch(new WatchRequest { Cursor = cursor.ToMessage() }, cancellationToken: Ended);
        Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(StatusCode.OutOfRange, "CURSOR_OUT_OF_RANGE", () => ReadAsync(call));
        return status.Require<CursorOutOfRange>();
    }

    private static async Task<WatchResponse> ReadAsync(AsyncServerStreamingCall<WatchResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(Ended));
        return call.ResponseStream.Current;
    }
}
